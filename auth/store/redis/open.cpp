#include "auth/store/redis/open.hpp"

#include "auth/store/redis/fitness.hpp"

namespace gatehouse::auth::redis {

namespace {

using namespace std::chrono_literals;

// For a person who waits at a prompt.
constexpr auto look_patience = 5s;

[[nodiscard]] Result<Place, std::string> place_of(std::string_view url,
                                                  const config::RedisSettings& settings)
{
    auto address = config::parse_redis_address(url);
    if (!address) return Result<Place, std::string>(boost::system::in_place_error, address.error());
    return Place{
        std::move(*address),
        settings.password,
        {settings.ca_file, settings.certificate, settings.key}
    };
}

[[nodiscard]] std::string sentence_for(const Failure& failure)
{
    const std::string kind(to_string(failure.trouble));
    return failure.detail.empty() ? kind : failure.detail + " (" + kind + ")";
}

/// Whether it may go better another time without anybody's help.
[[nodiscard]] bool may_come_yet(const Failure& failure)
{
    const auto trouble = failure.trouble;
    return failure.passes || trouble == Trouble::unreachable || trouble == Trouble::lost ||
           trouble == Trouble::timed_out || trouble == Trouble::loading ||
           trouble == Trouble::busy; // somebody's script
}

} // namespace

Result<std::unique_ptr<Pool>, std::string> open(std::string_view url,
                                                const config::RedisSettings& settings,
                                                StoreRole role, PoolLimits limits,
                                                FailureReport::Say on_failure)
{
    using Opened = Result<std::unique_ptr<Pool>, std::string>;
    const auto place = place_of(url, settings);
    if (!place) return Opened(boost::system::in_place_error, place.error());
    limits.connections = settings.connections;
    const auto report = std::make_shared<FailureReport>(std::move(on_failure));
    auto pool = std::make_unique<Pool>(
        *place, limits,
        [accept = settings.accept_data_loss](Connection& connection, Deadline deadline) {
            return require_fit(connection, accept, deadline);
        },
        [report](const Failure& failure) { report->note("Redis: " + sentence_for(failure)); });
    const auto failure = pool->first_failure();
    if (!failure || (role == StoreRole::gateway && may_come_yet(*failure))) return pool;
    return Opened(boost::system::in_place_error,
                  place->address.shown() + ": " + sentence_for(*failure));
}

std::optional<std::string> problem_with(std::string_view url, const config::RedisSettings& settings)
{
    const auto place = place_of(url, settings);
    if (!place) return place.error();
    const auto deadline = std::chrono::steady_clock::now() + look_patience;
    const auto connection = Connection::open(*place, deadline);
    if (!connection) return sentence_for(connection.error());
    const auto fit = require_fit(**connection, settings.accept_data_loss, deadline);
    return fit ? std::nullopt : std::optional(sentence_for(fit.error()));
}

} // namespace gatehouse::auth::redis
