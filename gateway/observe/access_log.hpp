#pragma once

#include "config/settings/log.hpp"
#include "gateway/observe/access_record.hpp"
#include "gateway/observe/careful_record.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/log_line.hpp"
#include "gateway/observe/log_sample.hpp"
#include "gateway/observe/log_writer.hpp"

namespace gatehouse::gateway {

/// One line per request. Each worker has its own: it formats on the worker's thread into memory of
/// its own and never waits; a line that finds its ring full is dropped and counted.
class AccessLog {
public:
    /// `lane` is this worker's, of a writer that outlives the log.
    AccessLog(const config::LogSettings& settings, LogLane& lane, Counters& counters);

    /// With `log.access`, writes the line of a request. Allocates nothing once warm.
    void record(const AccessRecord& record);

private:
    [[nodiscard]] bool is_left_out(const AccessRecord& record) const noexcept;
    [[nodiscard]] std::string_view careful_line(const AccessRecord& record);

    const config::LogFormat format_;
    const bool writes_;
    const bool is_usual_; // JSON, all requests, the usual fields
    const LogFields fields_;
    const LogSample sample_;
    LogLane& lane_;
    Counters& counters_;
    CarefulRecord careful_;
    LineFormat lines_;
};

} // namespace gatehouse::gateway
