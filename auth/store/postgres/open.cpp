#include "auth/store/postgres/open.hpp"

#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/postgres_store.hpp"
#include "auth/store/postgres/schema.hpp"
#include "config/basics/enforced.hpp"

#include <libpq-fe.h>

#include <atomic>
#include <thread>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

// Somebody else is changing the tables, and is done in a moment.
constexpr int migration_attempts = 10;
constexpr auto migration_pause = 100ms;

// For a person who waits at a prompt.
constexpr auto look_patience = 5s;

void set_terms(Connection& connection, const PoolLimits& limits)
{
    const auto statement = std::to_string(limits.statement().count());
    const auto transaction = std::to_string(2 * limits.patience.count());
    // By SET and not by `options`, which a pooler in between may not pass on. The last one frees
    // the locks of a gateway that froze in the middle of a transaction.
    connection.execute("SET statement_timeout = " + statement + "; SET lock_timeout = " +
                       statement + "; SET idle_in_transaction_session_timeout = " + transaction +
                       "; SET bytea_output = 'hex'");
    try {
        connection.execute(std::string("NOTIFY ") + channel); // wakes whoever listens, harmlessly
    } catch (const Failure& failure) {
        if (failure.kind() == Failure::Kind::lost) throw;
        connection.knows_no_notify(); // PostgreSQL's language without this word: readers poll
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

void bring_up_to_date_beside_others(Connection& connection)
{
    for (int attempt = 1;; ++attempt) {
        try {
            const auto ready = bring_up_to_date(connection);
            if (!ready) throw std::runtime_error(ready.error());
            return;
        } catch (const Failure& failure) {
            if (failure.kind() == Failure::Kind::lost || attempt == migration_attempts) throw;
            std::this_thread::sleep_for(migration_pause);
        }
    }
}

/// What every new connection goes through. The tables are looked at until they were right once.
[[nodiscard]] Pool::Prepare preparation(const Place& place, const PoolLimits& limits)
{
    const auto ready = std::make_shared<std::atomic<bool>>(false);
    return [limits, ready, accept = place.accept_data_loss](Connection& connection) {
        set_terms(connection, limits);
        if (enforced("postgres_store.durable_server") && !accept) require_durability(connection);
        if (ready->load()) return;
        try {
            bring_up_to_date_beside_others(connection);
        } catch (const std::runtime_error& error) {
            if (dynamic_cast<const Failure*>(&error) != nullptr) throw;
            throw Failure(Failure::Kind::refused, error.what());
        }
        ready->store(true);
    };
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

[[nodiscard]] std::string one_line(std::string text)
{
    while (text.ends_with('\n')) text.pop_back();
    for (auto& character : text) {
        if (character == '\n') character = ' ';
    }
    return text;
}

/// Whether a server that could not be reached may let us in another time: it is starting up, or
/// not there at all, or it came a moment after we had tried.
[[nodiscard]] bool may_come_yet(const Secret& address)
{
    const std::string text(address.reveal());
    const auto answer = PQping(text.c_str());
    if (answer == PQPING_REJECT || answer == PQPING_NO_RESPONSE) return true;
    if (answer != PQPING_OK) return false;
    try {
        const Connection connection(text);
        return true;
    } catch (const Failure&) {
        return false;
    }
}

} // namespace

Result<std::unique_ptr<Store>, std::string> open(const Place& place, StoreRole role,
                                                 PoolLimits limits, std::chrono::milliseconds poll,
                                                 FailureReport::Say on_failure)
{
    using Opened = Result<std::unique_ptr<Store>, std::string>;
    const auto address = address_for(place.url, place.password);
    auto pool =
        std::make_unique<Pool>(address, limits, preparation(place, limits), std::move(on_failure));
    const auto failure = pool->first_failure();
    const bool lost = failure && failure->kind() == Failure::Kind::lost;
    if (failure && !(role == StoreRole::gateway && lost && may_come_yet(address))) {
        return Opened(boost::system::in_place_error,
                      shown(place.url) + ": " + one_line(failure->what()));
    }
    return Opened(std::make_unique<PostgresStore>(std::move(pool), poll));
}

std::optional<std::string> problem_with(const Place& place)
{
    Watchdog watchdog;
    try {
        Connection connection(std::string(address_for(place.url, place.password).reveal()));
        const Watchdog::Watch watch(watchdog, connection, Watchdog::Steady::now() + look_patience);
        if (!place.accept_data_loss) require_durability(connection);
        const auto usable = require_usable(connection);
        return usable ? std::nullopt : std::optional(usable.error());
    } catch (const Failure& failure) {
        return one_line(failure.what());
    }
}

} // namespace gatehouse::auth::postgres
