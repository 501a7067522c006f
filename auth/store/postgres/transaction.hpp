#pragma once

#include "auth/store/postgres/connection.hpp"

namespace gatehouse::auth::postgres {

/// The channel of LISTEN and NOTIFY. One database, one Gatehouse.
inline constexpr const char* channel = "gatehouse_changes";

/// What a call needs around its statements.
enum class Access {
    statement, // one statement that only reads: it is its own transaction, where it is not pooled
    snapshot,  // several that read one state of the database
    survey,    // the same, of much: at start, nobody waits for the answer
    write,     // all or nothing
    tally      // the same, and a crash of the server may undo what was done just before it
};

/// A transaction that is rolled back unless commit() returned.
class Transaction {
public:
    Transaction(Connection& connection, Access access);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// Durable when this returns: the server synced its log before it answered COMMIT.
    void commit();

private:
    Connection& connection_;
    bool open_;
};

} // namespace gatehouse::auth::postgres
