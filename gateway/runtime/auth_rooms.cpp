#include "gateway/runtime/auth_rooms.hpp"

#include "auth/service/revocation_life.hpp"
#include "auth/store/open_store.hpp"
#include "gateway/runtime/cores.hpp"
#include "gateway/runtime/process_name.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Threads of the store pool. They mostly wait for a commit, and the writes that wait together are
/// committed together: more threads, larger groups.
constexpr std::size_t store_threads = 32;

/// Threads that wait for other replicas, where logouts are confirmed. News take a few milliseconds;
/// when a replica is gone all wait for the same moment.
constexpr std::size_t confirm_threads = 16;

/// A gateway may lose its store for so long and still learn all it missed when it is back.
constexpr auto longest_outage = 24h;

constexpr auto first_pause = 100ms;
constexpr auto longest_pause = 5s;
/// How often a pause looks whether somebody asked for the end.
constexpr auto look = 50ms;

std::size_t hash_threads(const config::PasswordSettings& settings)
{
    // One core is left to the workers, so that a storm of logins cannot starve requests.
    return settings.threads != 0 ? settings.threads : std::max(1U, available_cores() - 1);
}

std::chrono::seconds token_life(const config::TokenSettings& tokens)
{
    return auth::refused_until(tokens, auth::Seconds{}).time_since_epoch();
}

bool confirms(const config::Settings& settings)
{
    return settings.logout == config::Logout::confirmed;
}

/// false: asked to give up.
bool pause(std::chrono::milliseconds length, const std::function<bool()>& give_up)
{
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
        if (give_up()) return false;
        std::this_thread::sleep_for(look);
    }
    return !give_up();
}

} // namespace

AuthRooms::AuthRooms(const config::Settings& settings, std::unique_ptr<auth::Store> store,
                     std::unique_ptr<auth::KeyKeeper> keys, auth::SecurityLog& log)
    : store_(std::move(store)),
      keys_(std::move(keys)),
      hasher_(settings.passwords),
      throttle_(settings.throttle),
      service_({*store_, *keys_, revocations_, hasher_, throttle_, clock_, log}, settings),
      presence_(confirms(settings)
                    ? std::optional<auth::Presence>(std::in_place, *store_, settings.feed_lease)
                    : std::nullopt),
      feed_(
          {*store_, revocations_, clock_}, token_life(settings.tokens),
          [this] { return reload_keys(); }, presence_ ? &*presence_ : nullptr),
      housekeeping_({*store_, revocations_, clock_},
                    {token_life(settings.tokens) + longest_outage, process_name()}),
      hash_pool_(hash_threads(settings.passwords)),
      store_pool_(store_threads)
{
    if (!presence_) return;
    confirmation_.emplace(*store_, presence_->name(), settings.feed_lease);
    confirm_pool_.emplace(confirm_threads);
}

AuthRooms::~AuthRooms()
{
    feed_.stop();
    housekeeping_.stop();
    finish_jobs();
    if (presence_) presence_->leave(); // the workers are gone: nobody is served any more
}

void AuthRooms::finish_jobs()
{
    hash_pool_.join();
    store_pool_.join();
    if (confirm_pool_) confirm_pool_->join();
}

Result<std::unique_ptr<AuthRooms>, std::string>
AuthRooms::open(const config::Settings& settings, auth::SecurityLog& log,
                auth::FailureReport::Say on_store_failure, const std::function<bool()>& give_up)
{
    // The rest of deadlines.store is for the way through the pool.
    auto store = auth::open_store(settings.store, auth::StoreRole::gateway,
                                  {settings.deadlines.store * 7 / 10, settings.feed.poll,
                                   settings.postgres, std::move(on_store_failure)});
    if (!store) return store.error();
    // The keeper refers to a clock, which has to outlive it: the rooms' own does not exist yet.
    static const auth::SystemClock clock;
    auto keys = auth::KeyKeeper::open(settings.tokens,
                                      auth::keys_file_of(settings.tokens, settings.store), clock);
    if (!keys) return keys.error().message;

    std::unique_ptr<AuthRooms> rooms(
        new AuthRooms(settings, std::move(*store), std::move(*keys), log));
    if (!rooms->catch_up(give_up)) {
        return std::string("stopped before the store could be read: revocations are not loaded");
    }
    rooms->feed_.start();
    rooms->housekeeping_.start();
    return rooms;
}

bool AuthRooms::catch_up(const std::function<bool()>& give_up)
{
    for (std::chrono::milliseconds wait = first_pause; !feed_.catch_up();
         wait = std::min<std::chrono::milliseconds>(wait * 2, longest_pause)) {
        if (!pause(wait, give_up)) return false;
    }
    return true;
}

void AuthRooms::on_new_keys(KeysListener listener)
{
    const std::scoped_lock lock(listener_mutex_);
    on_new_keys_ = std::move(listener);
    on_new_keys_(keys_->ring()); // what the feed brought before somebody listened
}

bool AuthRooms::reload_keys()
{
    const auto changed = keys_->reload();
    if (!changed) return false;
    const std::scoped_lock lock(listener_mutex_);
    if (*changed && on_new_keys_) on_new_keys_(keys_->ring());
    return true;
}

} // namespace gatehouse::gateway
