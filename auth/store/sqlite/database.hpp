#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/sqlite/named_files.hpp"

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse::auth::sqlite {

/// SQLite did not do what it was asked: the disk is full, the file is locked or gone, the bytes are
/// no database. Never leaves auth/store: the writer and the readers turn it into a StoreError.
class Failure : public std::runtime_error {
public:
    Failure(int extended_code, const char* message);

    /// The primary result code, such as SQLITE_BUSY.
    [[nodiscard]] int code() const noexcept { return code_; }

private:
    int code_;
};

/// Bytes that are no text.
struct Blob {
    std::string_view bytes;
};

/// The answer to a query, read row by row. Borrows a prepared statement of its database and gives
/// it back, reset, when it goes.
class Rows {
public:
    explicit Rows(sqlite3_stmt* statement) noexcept : statement_(statement) {}

    Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}

    Rows& operator=(Rows&&) = delete;
    ~Rows();

    /// Moves to the next row; false: there is none.
    bool next();

    // The columns of this row, counted from 0.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;

    [[nodiscard]] std::string blob(int column) const { return text(column); } // neither converts

    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    [[nodiscard]] Seconds seconds(int column) const;
    [[nodiscard]] Millis millis(int column) const;
    [[nodiscard]] std::optional<Millis> optional_millis(int column) const;

private:
    friend class Database;

    void bind(int parameter, std::int64_t value);
    void bind(int parameter, std::string_view value);
    void bind(int parameter, Blob value);
    void bind(int parameter, Seconds value);
    void bind(int parameter, Millis value);
    void bind_null(int parameter);
    void require_ok(int code) const;

    sqlite3_stmt* statement_;
};

/// One connection. Belongs to one thread at a time (SQLITE_OPEN_NOMUTEX). Statements are prepared
/// once per text and kept. Everything throws Failure.
class Database {
public:
    /// Opens an existing file, and waits up to `busy` where another connection is in the way.
    Database(const std::string& path, std::chrono::milliseconds busy);

    /// Runs statements without parameters and answers: BEGIN, COMMIT, CREATE, PRAGMA.
    void execute(const char* sql);

    /// A statement with its parameters ?1, ?2 .. bound, ready for next().
    template <class... Values>
    [[nodiscard]] Rows query(std::string_view sql, const Values&... values)
    {
        Rows rows(prepared(sql));
        int parameter = 0;
        (bind(rows, ++parameter, values), ...);
        return rows;
    }

    /// Runs a statement to its end. Returns how many rows it inserted, changed or deleted.
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values)
    {
        auto rows = query(sql, values...);
        while (rows.next()) {
        }
        return changes();
    }

    /// The same with parameters whose number only the caller knows.
    using Parameter = std::variant<std::monostate, std::int64_t, std::string_view, Blob>;
    void run_with(std::string_view sql, std::span<const Parameter> parameters);

    /// The single integer a PRAGMA or an aggregate answers with.
    [[nodiscard]] std::int64_t integer(std::string_view sql);

    /// Whether a transaction is open: some failures make SQLite roll back the whole of it.
    [[nodiscard]] bool in_transaction() const noexcept;
    [[nodiscard]] bool is_read_only() const noexcept;

    /// Throws where the file, its log or the index of that was deleted or replaced since. Nobody
    /// will find what is written to it then.
    void must_have_its_files();
    /// What was committed to a log that has lost its name goes into the file, where that can be
    /// done without harm. Expects nobody else to write (FileLock).
    void save_what_the_lost_log_has() noexcept;
    /// The name of its write-ahead log; lives as long as the connection.
    [[nodiscard]] const char* log_file() const noexcept;
    [[nodiscard]] std::int64_t last_insert_rowid() const noexcept;

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

private:
    struct Close {
        void operator()(sqlite3* handle) const noexcept;
    };

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    template <class Value>
    static void bind(Rows& rows, int parameter, const std::optional<Value>& value)
    {
        if (value)
            rows.bind(parameter, *value);
        else
            rows.bind_null(parameter);
    }

    template <class Value>
    static void bind(Rows& rows, int parameter, const Value& value)
    {
        if constexpr (std::integral<Value>) {
            rows.bind(parameter, static_cast<std::int64_t>(value));
        } else {
            rows.bind(parameter, value);
        }
    }

    [[nodiscard]] sqlite3_stmt* prepared(std::string_view sql);
    [[nodiscard]] std::int64_t changes() const noexcept;

    std::unique_ptr<sqlite3, Close> handle_;
    std::optional<NamedFiles> files_;
    std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>> statements_;
};

} // namespace gatehouse::auth::sqlite
