#include "tests/simulation/process.hpp"

#include "auth/service/revocation_life.hpp"

#include <algorithm>
#include <stdexcept>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t workers = 2;
constexpr auto tidy_every = 5s;
/// As gateway/runtime keeps changes for a day of outage; no cut here is longer than this.
constexpr auto longest_outage = 30s;

std::unique_ptr<auth::KeyKeeper> keys_of(const config::Settings& settings, const auth::Clock& clock)
{
    auto keys = auth::KeyKeeper::open(settings.tokens, "", clock);
    if (!keys) throw std::runtime_error(keys.error().message);
    return *std::move(keys);
}

std::chrono::seconds token_life(const config::Settings& settings)
{
    return auth::refused_until(settings.tokens, auth::Seconds{}).time_since_epoch();
}

std::chrono::seconds remembered_life(const config::Settings& settings, Bug bug)
{
    return bug == Bug::table_forgets_early ? 2s : token_life(settings);
}

std::chrono::seconds retention(const config::Settings& settings, Bug bug)
{
    return bug == Bug::forgets_changes_at_once ? 1s : token_life(settings) + longest_outage;
}

} // namespace

Process::Process(Rooms rooms, std::size_t replica, std::uint64_t incarnation)
    : rooms_(rooms),
      replica_(replica),
      incarnation_(incarnation),
      store_(rooms.store),
      operators_store_(rooms.store),
      keys_(keys_of(rooms.settings, rooms.clock)),
      hasher_(rooms.settings.passwords),
      throttle_(rooms.settings.throttle, rooms.clock),
      service_({store_, *keys_, revocations_, hasher_, throttle_, rooms.clock, log_},
               rooms.settings),
      admin_({operators_store_, hasher_, rooms.clock, log_}, rooms.settings),
      follower_({store_, revocations_, rooms.clock},
                remembered_life(rooms.settings, rooms.store.bug), [] { return true; }),
      housekeeping_({store_, revocations_, rooms.clock},
                    {retention(rooms.settings, rooms.store.bug),
                     std::to_string(replica) + "." + std::to_string(incarnation), tidy_every}),
      serves_(has(Bug::serves_before_catch_up)),
      // Whatever was committed before it began, it must know before it serves.
      heard_as_of_(rooms.store.scheduler.now())
{
    for (std::size_t i = 0; i < workers; ++i) {
        workers_.push_back(std::make_unique<auth::Authenticator>(
            rooms.settings.tokens, revocations_, keys_->ring(), std::size_t{64}));
    }
    run([this] { follow(); });
    run([this] { tidy(); });
}

Process::~Process()
{
    for (const auto& task : tasks_) rooms_.store.scheduler.kill(task);
}

void Process::run(std::function<void()> what)
{
    std::erase_if(tasks_, [](const auto& task) { return task->fiber.has_ended(); });
    tasks_.push_back(rooms_.store.scheduler.spawn(std::move(what)));
}

Result<auth::Principal, auth::TokenError> Process::identify(const std::string& token)
{
    const auto now = rooms_.store.scheduler.now();
    if (has(Bug::cache_outlives_logout)) {
        const auto known = remembered_.find(token);
        if (known != remembered_.end() && now < known->second.until) {
            return known->second.principal;
        }
    }
    auto& worker = rooms_.store.random.any(workers_);
    const auto found = worker->identify(token, seconds());
    if (!found) return found.error();
    if (has(Bug::cache_outlives_logout)) remembered_[token] = {now + 2s, **found};
    return **found;
}

void Process::follow()
{
    auto& scheduler = rooms_.store.scheduler;
    auto asked = scheduler.now();
    for (Time rest = 100ms; !follower_.catch_up(); rest = std::min<Time>(rest * 2, 5s)) {
        scheduler.sleep(rest);
        asked = scheduler.now();
    }
    heard_as_of_ = asked;
    serves_ = true;
    while (true) {
        asked = scheduler.now();
        const bool heard = follower_.hear().has_value();
        if (heard) heard_as_of_ = asked;
        const bool went_well = heard && follower_.wait_for_more();
        if (!went_well && has(Bug::feed_dies_of_an_error)) return;
        if (has(Bug::feed_is_read_rarely)) scheduler.sleep(3s);
        const auto rest = follower_.rest_after(went_well);
        if (rest > 0ms) scheduler.sleep(rest);
    }
}

void Process::tidy()
{
    while (true) {
        rooms_.store.scheduler.sleep(tidy_every);
        housekeeping_.tidy();
    }
}

} // namespace gatehouse::simulation
