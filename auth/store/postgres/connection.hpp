#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/postgres/bytes.hpp"
#include "auth/store/postgres/failure.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::auth::postgres {

/// The answer to a query, read row by row.
class Rows {
public:
    explicit Rows(pqxx::result result) : result_(std::move(result)) {}

    /// Moves to the next row; false: there is none.
    bool next();
    /// How many rows the statement inserted, changed or deleted.
    [[nodiscard]] std::int64_t affected() const;

    // The columns of this row, counted from 0. `bytes` are BYTEA.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] bool boolean(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string bytes(int column) const;
    [[nodiscard]] std::optional<std::string> optional_bytes(int column) const;
    [[nodiscard]] Seconds seconds(int column) const;
    [[nodiscard]] Millis millis(int column) const;
    [[nodiscard]] std::optional<Millis> optional_millis(int column) const;

private:
    pqxx::result result_;
    int row_ = -1;
};

/// One connection, and the only place that speaks to libpqxx. Belongs to one thread at a time, but
/// for `cut`. Statements are prepared once per text and kept, unless it is pooled. Everything
/// throws Failure.
class Connection {
public:
    /// Connects, as `address` (a libpq URL) says; takes as long as its `connect_timeout` allows.
    explicit Connection(const std::string& address);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Runs statements without parameters: BEGIN, COMMIT, SET, CREATE.
    Rows execute(const std::string& sql);

    /// Runs a statement with parameters $1, $2 .. Text and ids travel as BYTEA.
    template <class... Values>
    Rows query(std::string_view sql, const Values&... values)
    {
        const std::array<Parameter, sizeof...(Values)> parameters{parameter(values)...};
        return run_with(sql, parameters);
    }

    /// The same, where only the number of rows it touched matters.
    template <class... Values>
    std::int64_t run(std::string_view sql, const Values&... values)
    {
        return query(sql, values...).affected();
    }

    /// Whether it could be used for another statement, as far as is known without asking.
    [[nodiscard]] bool is_open() const noexcept;
    /// Whether an idle connection has something to read: nearly always the news of its end.
    [[nodiscard]] bool has_input() const noexcept;

    [[nodiscard]] bool is_at_rest() const noexcept { return is_open() && !has_input(); }

    /// Drops what LISTEN brought; true: there was something.
    bool take_notifications();

    /// For poll(2) only.
    [[nodiscard]] int socket() const noexcept { return socket_; }

    /// When the last statement was sent.
    [[nodiscard]] std::chrono::steady_clock::time_point asked_at() const noexcept
    {
        return asked_at_;
    }

    /// From now on it is pooled: whatever is between us and the server may give each transaction
    /// another session. Nothing is left in one: no statement is prepared, and `terms` (SET LOCAL
    /// ..) are said in each transaction.
    void share_sessions(std::string terms) { terms_ = std::move(terms); }

    [[nodiscard]] bool is_pooled() const noexcept { return terms_.has_value(); }

    /// What follows each BEGIN; empty where the session keeps it.
    [[nodiscard]] std::string terms() const { return terms_ ? "; " + *terms_ : std::string(); }

    /// Ends whatever waits on this connection, from another thread: it fails as lost.
    void cut() noexcept;

    /// Says at COMMIT that the feed has news (see Transaction), where the server knows NOTIFY.
    void announce_at_commit() noexcept { announces_ = knows_notify_; }

    void knows_no_notify() noexcept { knows_notify_ = false; }

    [[nodiscard]] bool takes_announcement() noexcept { return std::exchange(announces_, false); }

private:
    using Parameter = std::optional<std::string>;

    template <class Value>
    [[nodiscard]] static Parameter parameter(const Value& value)
    {
        if constexpr (std::same_as<Value, bool>) {
            return std::string(value ? "true" : "false");
        } else if constexpr (std::unsigned_integral<Value>) {
            // BIGINT has a sign; no number that we keep is that large.
            const auto most = std::uint64_t{INT64_MAX};
            return std::to_string(std::min(std::uint64_t{value}, most));
        } else if constexpr (std::signed_integral<Value>) {
            return std::to_string(value);
        } else if constexpr (std::same_as<Value, Seconds> || std::same_as<Value, Millis>) {
            return std::to_string(value.time_since_epoch().count());
        } else if constexpr (std::convertible_to<Value, std::string_view>) {
            return to_bytea(value);
        } else if constexpr (std::convertible_to<Value, std::span<const std::string>>) {
            return to_bytea_array(value);
        } else {
            return value ? parameter(*value) : Parameter();
        }
    }

    [[nodiscard]] Rows run_with(std::string_view sql, std::span<const Parameter> parameters);
    [[nodiscard]] const std::string& prepared(std::string_view sql);

    std::unique_ptr<pqxx::connection> link_;
    int socket_ =
        -1; // a descriptor of our own for the same socket: libpq may close its own any time
    std::map<std::string, std::string, std::less<>> statements_; // text -> name
    std::chrono::steady_clock::time_point asked_at_ = std::chrono::steady_clock::now();
    std::optional<std::string> terms_;
    bool knows_notify_ = true;
    bool announces_ = false;
};

} // namespace gatehouse::auth::postgres
