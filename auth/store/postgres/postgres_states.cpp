#include "auth/store/postgres/postgres_states.hpp"

namespace gatehouse::auth::postgres {

namespace {

// Not when the transaction began: it may have waited for a lock since.
constexpr std::string_view clock_text =
    "coalesce($2::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)";

/// `sql` with the time, which is parameter $2 or the server's, for each `NOW` in it.
[[nodiscard]] std::string with_clock(std::string sql)
{
    constexpr std::string_view word = "NOW";
    for (auto at = sql.find(word); at != sql.npos; at = sql.find(word, at + clock_text.size())) {
        sql.replace(at, word.size(), clock_text);
    }
    return sql;
}

/// One row for each key that has a state, and one at least: the time is in it.
[[nodiscard]] const std::string& read_statement()
{
    static const auto sql =
        with_clock("SELECT clock.now, held.key, held.state FROM (SELECT NOW AS now) AS clock "
                   "LEFT JOIN gatehouse.throttle AS held ON held.key = ANY($1::bytea[])");
    return sql;
}

/// A row that is not there cannot be locked: it is made. When it may be forgotten is written by the
/// ten minutes, so that it seldom changes and the index has no part in most updates.
[[nodiscard]] const std::string& lock_statement()
{
    static const auto sql =
        with_clock("INSERT INTO gatehouse.throttle AS held (key, state, forget_ms) "
                   "SELECT key, ''::bytea, ((NOW + $3::bigint) / 600000 + 1) * 600000 "
                   "FROM unnest($1::bytea[]) AS wanted (key) ORDER BY key "
                   "ON CONFLICT (key) DO UPDATE SET forget_ms = excluded.forget_ms "
                   "RETURNING NOW, key, state");
    return sql;
}

[[nodiscard]] const std::string& forget_statement()
{
    static const auto sql = with_clock("DELETE FROM gatehouse.throttle WHERE key IN "
                                       "(SELECT key FROM gatehouse.throttle WHERE forget_ms <= NOW "
                                       "LIMIT $1 FOR UPDATE SKIP LOCKED)");
    return sql;
}

void put_in_place(Rows& rows, std::span<const std::string> keys, std::vector<std::string>& states)
{
    if (rows.is_null(1)) return;
    const auto found = std::ranges::find(keys, rows.bytes(1));
    if (found == keys.end()) return;
    states.at(static_cast<std::size_t>(found - keys.begin())) = rows.bytes(2);
}

void write(Connection& connection, std::span<const std::string> keys,
           std::span<const std::string> before, std::span<const std::string> after)
{
    std::vector<std::string> changed;
    std::vector<std::string> texts;
    std::vector<std::string> gone; // also what was made only to be locked
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (after[i].empty()) {
            gone.push_back(keys[i]);
        } else if (after[i] != before[i]) {
            changed.push_back(keys[i]);
            texts.push_back(after[i]);
        }
    }
    if (!changed.empty()) {
        connection.run("UPDATE gatehouse.throttle AS held SET state = fresh.state "
                       "FROM unnest($1::bytea[], $2::bytea[]) AS fresh (key, state) "
                       "WHERE held.key = fresh.key",
                       changed, texts);
    }
    if (!gone.empty()) {
        connection.run("DELETE FROM gatehouse.throttle WHERE key = ANY($1::bytea[])", gone);
    }
}

} // namespace

std::optional<Millis> PostgresStates::now() const
{
    return clock_ == nullptr ? std::nullopt : std::optional(clock_->now());
}

PostgresStates::Seen PostgresStates::read(Connection& connection,
                                          std::span<const std::string> keys) const
{
    Seen seen{std::vector<std::string>(keys.size()), {}};
    auto rows = connection.query(read_statement(), keys, now());
    while (rows.next()) {
        seen.now = rows.millis(0);
        put_in_place(rows, keys, seen.states);
    }
    return seen;
}

PostgresStates::Seen PostgresStates::lock(Connection& connection, std::span<const std::string> keys,
                                          std::chrono::milliseconds kept) const
{
    Seen seen{std::vector<std::string>(keys.size()), {}};
    auto rows = connection.query(lock_statement(), keys, now(), kept.count());
    while (rows.next()) {
        seen.now = std::max(seen.now, rows.millis(0)); // of the row that came last
        put_in_place(rows, keys, seen.states);
    }
    return seen;
}

Result<void, StoreError> PostgresStates::change(std::span<const std::string> keys,
                                                std::chrono::milliseconds kept,
                                                const Change& change)
{
    // Whoever hammers at a limit reads, and is in nobody's way.
    const auto changes_nothing =
        pool_.run(Access::statement, [&](Connection& connection) -> Result<bool, StoreError> {
            auto seen = read(connection, keys);
            const auto before = seen.states;
            const auto judged = change(seen.states, seen.now);
            if (!judged) return judged.error();
            return seen.states == before;
        });
    if (!changes_nothing) return changes_nothing.error();
    if (*changes_nothing) return {};
    return pool_.run(Access::tally, [&](Connection& connection) -> Result<void, StoreError> {
        auto seen = lock(connection, keys, kept);
        const auto before = seen.states;
        auto judged = change(seen.states, seen.now);
        if (judged) write(connection, keys, before, seen.states);
        return judged;
    });
}

Result<bool, StoreError> PostgresStates::forget_old(std::size_t at_most)
{
    return pool_.run(Access::tally, [&](Connection& connection) -> Result<bool, StoreError> {
        return std::cmp_equal(connection.run(forget_statement(), at_most, now()), at_most);
    });
}

} // namespace gatehouse::auth::postgres
