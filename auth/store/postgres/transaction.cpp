#include "auth/store/postgres/transaction.hpp"

namespace gatehouse::auth::postgres {

Transaction::Transaction(Connection& connection, Access access)
    : connection_(connection),
      open_(access != Access::statement)
{
    // Both levels are said: the server's default may be another. READ COMMITTED is what the
    // statements are written for: each sees what was committed before it began, and whoever waited
    // for a row judges it anew.
    if (access == Access::write) connection_.execute("BEGIN ISOLATION LEVEL READ COMMITTED");
    const std::string snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
    if (access == Access::snapshot) connection_.execute(snapshot);
    if (access == Access::survey) {
        connection_.execute(snapshot + "; SET LOCAL statement_timeout = 0"); // the pool's ends it
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
