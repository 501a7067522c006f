#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/sqlite/database.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace gatehouse::auth::sqlite {

/// Notices that some other connection, of this process or another, has committed: the number
/// `PRAGMA data_version` of a connection that never writes moves then. Asking takes about a
/// microsecond.
class ChangeWatch {
public:
    /// `poll`: how often it asks.
    ChangeWatch(Database database, std::chrono::milliseconds poll, FailureReport& failures);

    /// See ChangeFeed::wait_for_changes and stop_waiting.
    [[nodiscard]] Result<bool, StoreError> wait(std::chrono::milliseconds patience);
    void stop() noexcept;

private:
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    Database database_;
    std::chrono::milliseconds poll_;
    FailureReport& failures_;
    std::int64_t seen_version_;
};

} // namespace gatehouse::auth::sqlite
