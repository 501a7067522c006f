#pragma once

#include "auth/basics/clock.hpp"
#include "gateway/observe/log_writer.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Writes why the store failed as one line of JSON among the access log's.
class JsonStoreLog {
public:
    /// `writer` outlives the log.
    explicit JsonStoreLog(LogWriter& writer) : writer_(writer) {}

    /// See auth::FailureReport::Say.
    void failed(std::string_view why, std::uint64_t unsaid, auth::Millis at);

private:
    LogWriter& writer_;
};

} // namespace gatehouse::gateway
