#include "auth/store/postgres/open.hpp"

#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/first_answer.hpp"
#include "auth/store/postgres/mistakes.hpp"
#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/schema.hpp"
#include "config/basics/enforced.hpp"

#include <libpq-fe.h>

#include <atomic>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

// For a person who waits at a prompt.
constexpr auto look_patience = 5s;

/// The timeouts of a session, or of one transaction.
[[nodiscard]] std::string terms_by(const std::string& set, const PoolLimits& limits)
{
    const auto statement = std::to_string(limits.statement().count());
    const auto transaction = std::to_string(2 * limits.patience.count());
    // By SET and not by `options`, which a pooler in between may not pass on. The last timeout
    // frees the locks of a gateway that froze in the middle of a transaction.
    return set + "statement_timeout = " + statement + "; " + set + "lock_timeout = " + statement +
           "; " + set + "idle_in_transaction_session_timeout = " + transaction + "; " + set +
           "bytea_output = 'hex'";
}

void try_to_announce(Connection& connection)
{
    try {
        connection.execute(std::string("NOTIFY ") + channel); // wakes whoever listens, harmlessly
    } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::lost) throw;
        connection.knows_no_notify(); // PostgreSQL's language without this word: readers poll
    }
}

/// A pooler knows nothing of `target_session_attrs`.
void require_writable(Connection& connection)
{
    auto row = connection.execute("SELECT current_setting('transaction_read_only', true)");
    if (row.next() && row.text(0) == "on") {
        throw Failure(Failure::Kind::lost, "the server behind the pooler is read-only");
    }
}

void require_durability(Connection& connection)
{
    auto row = connection.execute("SELECT current_setting('fsync', true), "
                                  "current_setting('synchronous_commit', true)");
    if (!row.next()) return;
    for (const auto& [column, name] : {
             std::pair{0, "fsync"             },
             std::pair{1, "synchronous_commit"}
    }) {
        if (row.is_null(column) || row.text(column) != "off") continue;
        throw Failure(Failure::Kind::refused,
                      std::string("runs with ") + name +
                          " = off, and forgets what it acknowledged when the power fails; switch "
                          "it on, or accept that with postgres.accept_data_loss: true");
    }
}

/// What every new connection goes through. The tables are looked at until they were right once.
[[nodiscard]] Pool::Prepare preparation(const Place& place, const PoolLimits& limits)
{
    const auto greet = [limits, accept = place.accept_data_loss,
                        pooled = place.transaction_pooling](Connection& connection) {
        if (pooled) {
            connection.share_sessions(terms_by("SET LOCAL ", limits));
            require_writable(connection);
        } else {
            connection.execute(terms_by("SET ", limits));
        }
        try_to_announce(connection);
        if (enforced("postgres_store.durable_server") && !accept) require_durability(connection);
    };
    const auto ready = std::make_shared<std::atomic<bool>>(false);
    const auto bring_up = [ready](Connection& connection) {
        if (ready->load()) return;
        if (const auto made = bring_up_to_date_beside_others(connection); !made) {
            throw Failure(Failure::Kind::refused, made.error());
        }
        ready->store(true);
    };
    return {greet, bring_up};
}

/// The URL as an operator may see it: libpq reads a password from it, so we show none.
[[nodiscard]] std::string shown(std::string_view url)
{
    const auto query = url.substr(0, url.find('?'));
    const auto user_end = query.find('@');
    const auto scheme_end = query.find("://");
    if (user_end == std::string_view::npos || scheme_end == std::string_view::npos) {
        return std::string(query);
    }
    return std::string(query.substr(0, scheme_end + 3)) + std::string(query.substr(user_end + 1));
}

[[nodiscard]] bool lets_us_in(const std::string& address)
{
    try {
        const Connection connection(address);
        return true;
    } catch (const Failure&) {
        return false;
    }
}

/// Whether a first attempt that failed so may go better another time without anybody's help: the
/// server is starting up, full, a standby, or not there at all, or it came a moment after we had
/// tried.
[[nodiscard]] bool may_come_yet(const Secret& secret, const Failure& failure, bool pooled)
{
    if (failure.kind() != Failure::Kind::lost || is_a_mistake(failure.what())) return false;
    const std::string address(secret.reveal());
    const auto answer = PQping(address.c_str());
    // A pooler answers whether or not its server is there.
    if (pooled) return answer != PQPING_NO_ATTEMPT;
    if (answer == PQPING_REJECT || answer == PQPING_NO_RESPONSE) return true;
    return answer == PQPING_OK && (lets_us_in(address) || may_let_us_in_yet(secret, look_patience));
}

/// Where one pool leads.
struct Way {
    const std::string& url;
    Secret address;
    bool pooled = false;
};

/// What keeps the pool from ever having a connection, if anything does: a sentence for the
/// operator.
[[nodiscard]] std::optional<std::string> obstacle_of(Pool& pool, const Way& way, StoreRole role)
{
    const auto failure = pool.first_failure();
    if (!failure) return {};
    if (role == StoreRole::gateway && may_come_yet(way.address, *failure, way.pooled)) return {};
    return shown(way.url) + ": " + failure->what();
}

[[nodiscard]] std::optional<std::string> problem_at(const Way& way, bool accept_data_loss)
{
    Watchdog watchdog;
    try {
        Connection connection(std::string(way.address.reveal()));
        const Watchdog::Watch watch(watchdog, connection, Watchdog::Steady::now() + look_patience);
        if (way.pooled) require_writable(connection);
        if (!accept_data_loss) require_durability(connection);
        const auto usable = require_usable(connection);
        return usable ? std::nullopt : std::optional(usable.error());
    } catch (const Failure& failure) {
        return failure.what();
    }
}

[[nodiscard]] Way way_of(const Place& place)
{
    const bool pooled = place.transaction_pooling;
    return {place.url, address_for(place.url, place.password, pooled), pooled};
}

/// Past the pooler.
[[nodiscard]] Way direct_way_of(const Place& place)
{
    return {place.feed_url, address_for(place.feed_url, place.password)};
}

} // namespace

Result<std::unique_ptr<Store>, std::string> open(const Place& place, StoreRole role,
                                                 PoolLimits limits, std::chrono::milliseconds poll,
                                                 const FailureReport::Say& on_failure,
                                                 SessionHome* home)
{
    using Opened = Result<std::unique_ptr<Store>, std::string>;
    const auto way = way_of(place);
    auto pool = std::make_unique<Pool>(way.address, limits, preparation(place, limits), on_failure);
    if (const auto obstacle = obstacle_of(*pool, way, role)) {
        return Opened(boost::system::in_place_error, *obstacle);
    }
    std::unique_ptr<Pool> direct;
    if (!place.feed_url.empty()) {
        const auto direct_way = direct_way_of(place);
        auto one = limits;
        one.connections = 1;
        direct = std::make_unique<Pool>(
            direct_way.address, one,
            Pool::Prepare{
                [terms = terms_by("SET ", limits)](Connection& line) { line.execute(terms); }, {}},
            on_failure);
        if (const auto obstacle = obstacle_of(*direct, direct_way, role)) {
            return Opened(boost::system::in_place_error, "postgres.feed_url: " + *obstacle);
        }
    }
    return Opened(std::make_unique<PostgresStore>(std::move(pool), std::move(direct), poll, home));
}

std::optional<std::string> problem_with(const Place& place)
{
    auto problem = problem_at(way_of(place), place.accept_data_loss);
    if (problem || place.feed_url.empty()) return problem;
    problem = problem_at(direct_way_of(place), place.accept_data_loss);
    if (problem) problem->insert(0, "postgres.feed_url: ");
    return problem;
}

} // namespace gatehouse::auth::postgres
