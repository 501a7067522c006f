#pragma once

#include "auth/audit/security_event.hpp"
#include "gateway/observe/log_writer.hpp"

namespace gatehouse::gateway {

/// Writes each event as one line of JSON among the access log's.  R66
class JsonSecurityLog final : public auth::SecurityLog {
public:
    /// `writer` outlives the log.
    explicit JsonSecurityLog(LogWriter& writer) : writer_(writer) {}

    void record(const auth::SecurityEvent& event) noexcept override;

private:
    LogWriter& writer_;
};

} // namespace gatehouse::gateway
