#pragma once

#include "auth/audit/security_event.hpp"
#include "gateway/observe/event_log.hpp"

namespace gatehouse::gateway {

/// Writes each event as one line among the others. They are for an auditor: at every level.  R66
class SecurityLines final : public auth::SecurityLog {
public:
    /// `log` outlives it.
    explicit SecurityLines(EventLog& log) : log_(log) {}

    void record(const auth::SecurityEvent& event) noexcept override;

private:
    EventLog& log_;
};

} // namespace gatehouse::gateway
