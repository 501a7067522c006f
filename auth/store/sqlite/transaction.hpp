#pragma once

#include "auth/store/sqlite/database.hpp"

namespace gatehouse::auth::sqlite {

/// A transaction that is rolled back unless commit() returned.
class Transaction {
public:
    enum class Kind {
        snapshot, // reads: one state of the file, whatever others commit meanwhile
        write     // takes the right to write at once (BEGIN IMMEDIATE)
    };

    Transaction(Database& database, Kind kind) : database_(database)
    {
        database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
    }

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    ~Transaction()
    {
        // Nothing is left to do if SQLite rolled back by itself, and nothing can be done if it
        // fails.
        if (database_.in_transaction()) {
            sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

    /// Durable when this returns: `synchronous=FULL` syncs the log before COMMIT comes back.
    void commit() { database_.execute("COMMIT"); }

private:
    Database& database_;
};

} // namespace gatehouse::auth::sqlite
