#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/sqlite/database.hpp"
#include "auth/store/sqlite/write_news.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <chrono>

namespace gatehouse::auth::sqlite {

/// Notices that some other connection, of this process or another, has committed: the number
/// `PRAGMA data_version` of a connection that never writes moves then. It is asked for while
/// somebody writes to the log, and for a while after; otherwise the kernel tells of the next write
/// (or, where it cannot, it is asked for all the time).
class ChangeWatch {
public:
    /// `poll`: how often it asks.
    ChangeWatch(Database database, std::chrono::milliseconds poll, FailureReport& failures);

    /// See ChangeFeed::wait_for_changes and stop_waiting.
    [[nodiscard]] Result<bool, StoreError> wait(std::chrono::milliseconds patience);
    void stop() noexcept;

    /// Throws Failure where the store's file is not the one of the start any more. Readers that
    /// come later open what has the name now, and would hear a file that nobody here writes. From
    /// the thread that waits.
    void must_have_its_file();

private:
    using Steady = std::chrono::steady_clock;

    [[nodiscard]] bool has_grown();
    void rest_until(Steady::time_point give_up) noexcept;

    Database database_;
    std::chrono::milliseconds poll_;
    FailureReport& failures_;
    std::int64_t seen_version_;
    WriteNews writes_; // last: whoever reads has made the log
    Steady::time_point busy_until_ = Steady::now();
};

} // namespace gatehouse::auth::sqlite
