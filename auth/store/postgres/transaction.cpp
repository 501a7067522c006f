#include "auth/store/postgres/transaction.hpp"

namespace gatehouse::auth::postgres {

namespace {

/// Both levels are said: the server's default may be another. READ COMMITTED is what the statements
/// are written for: each sees what was committed before it began, and whoever waited for a row
/// judges it anew.
[[nodiscard]] std::string beginning(Access access)
{
    switch (access) {
    case Access::write:
    case Access::tally:
        return "BEGIN ISOLATION LEVEL READ COMMITTED";
    case Access::statement:
        return "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY";
    case Access::snapshot:
    case Access::survey:
        break;
    }
    return "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
}

[[nodiscard]] const char* ending(Access access)
{
    switch (access) {
    case Access::survey: // ends when its caller's time does
        return "; SET LOCAL statement_timeout = 0";
    case Access::tally: // COMMIT answers before the log is synced
        return "; SET LOCAL synchronous_commit = off";
    case Access::write:
    case Access::statement:
    case Access::snapshot:
        break;
    }
    return "";
}

} // namespace

Transaction::Transaction(Connection& connection, Access access)
    : connection_(connection),
      open_(access != Access::statement || connection.is_pooled())
{
    if (!open_) return;
    try {
        connection_.execute(beginning(access) + connection_.terms() + ending(access));
    } catch (const Failure&) {
        connection_.cut(); // it may have begun, and failed after that
        throw;
    }
}

Transaction::~Transaction()
{
    if (!open_ || !connection_.is_open()) return;
    static_cast<void>(connection_.takes_announcement());
    try {
        connection_.execute("ROLLBACK");
    } catch (const Failure&) {
        connection_.cut(); // in whatever state it is, nobody may go on from there
    }
}

void Transaction::commit()
{
    if (!open_) return;
    // Together: whoever holds the feed's counter is in the way of the next one until COMMIT.
    const bool news = connection_.takes_announcement();
    connection_.execute(news ? std::string("NOTIFY ") + channel + "; COMMIT" : "COMMIT");
    open_ = false;
}

} // namespace gatehouse::auth::postgres
