#include "gateway/runtime/auth_rooms.hpp"

#include "auth/service/revocation_life.hpp"
#include "auth/throttle/open_throttle.hpp"
#include "auth/tokens/open_keys.hpp"
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

Feeds::Terms feed_terms(const config::Settings& settings)
{
    Feeds::Terms terms{token_life(settings.tokens)};
    if (settings.logout == config::Logout::confirmed) terms.lease = settings.feed_lease;
    return terms;
}

/// Says of gateways with other terms of logout what that means.
Housekeeping::Disagreement complaint_of(const auth::LogoutTerms& own, AuthRooms::Warn warn)
{
    return [&own, warn = std::move(warn)](std::span<const auth::Leases::Lease> others) {
        std::string sentence = "gateways on this store differ: this one has \"" + own.name() + "\"";
        for (const auto& lease : others) {
            sentence += ", " + lease.holder + " has \"" + lease.name + "\"";
        }
        warn(sentence + "; no logout is confirmed until all have the same `logout` and "
                        "`feed_lease`");
    };
}

/// Growing pauses between tries.
class Pauses {
public:
    explicit Pauses(const std::function<bool()>& give_up) : give_up_(give_up) {}

    /// false: asked to give up.
    [[nodiscard]] bool next()
    {
        const auto end = std::chrono::steady_clock::now() + length_;
        length_ = std::min<std::chrono::milliseconds>(length_ * 2, longest_pause);
        while (std::chrono::steady_clock::now() < end) {
            if (give_up_()) return false;
            std::this_thread::sleep_for(look);
        }
        return !give_up_();
    }

private:
    const std::function<bool()>& give_up_;
    std::chrono::milliseconds length_ = first_pause;
};

/// What `open` gives; while the store behind it does not answer, asks again.
template <class Open>
std::invoke_result_t<Open> patiently(const Open& open, const std::function<bool()>& give_up)
{
    Pauses pauses(give_up);
    while (true) {
        auto opened = open();
        if (opened || !opened.error().try_again) return opened;
        if (!pauses.next()) return auth::KeyError("stopped before its keys could be read");
    }
}

} // namespace

AuthRooms::AuthRooms(const config::Settings& settings, auth::OpenStores stores,
                     std::unique_ptr<auth::KeyKeeper> keys,
                     std::unique_ptr<auth::LoginThrottle> throttle, auth::SecurityLog& log,
                     auth::FailureReport::Say on_failure, Warn warn)
    : stores_(std::move(stores)),
      store_(stores_.store.get()),
      keys_(std::move(keys)),
      hasher_(settings.passwords),
      throttle_(std::move(throttle)),
      second_factor_seal_(settings, on_failure),
      audit_({*store_, clock_, log}, settings.audit),
      mail_desk_({*store_, *throttle_, clock_, audit_}),
      feeds_(sources(), {revocations_, clock_}, feed_terms(settings)),
      logout_terms_(*store_, settings, process_name()),
      housekeeping_({*store_, revocations_, clock_, logout_terms_, &api_keys_},
                    {.retention = token_life(settings.tokens) + longest_outage,
                     .keep_audit = settings.audit.keep,
                     .holder = logout_terms_.holder(),
                     .on_disagreement = complaint_of(logout_terms_, std::move(warn))}),
      key_tender_(
          {*keys_, *store_, clock_, audit_}, [this] { hand_out_keys(); }, std::move(on_failure)),
      hash_pool_(hash_threads(settings.passwords)),
      store_pool_(store_threads)
{
    if (feeds_.confirmation() != nullptr) confirm_pool_.emplace(confirm_threads);
    const bool watches_pairs = settings.refresh.lost_answer == config::LostAnswer::repeat;
    if (watches_pairs) seen_writer_.emplace(seen_.emplace(), *store_);
}

auth::AuthService AuthRooms::service_by(const config::Settings& settings)
{
    return {
        {*store_, *keys_, revocations_, hasher_, *throttle_, clock_, audit_, &api_keys_,
         seen_pairs(), &second_factor_seal_, &mail_desk_},
        settings
    };
}

std::vector<Feeds::Source> AuthRooms::sources()
{
    std::vector<Feeds::Source> all;
    all.push_back(
        {"store", *store_, *store_, [this] { return reload_keys(); }, &api_keys_, store_});
    if (stores_.sessions_feed) {
        all.push_back(
            {"sessions", *stores_.sessions_feed, *stores_.sessions_book, [] { return true; }});
    }
    return all;
}

std::vector<StoreFacts> AuthRooms::store_facts() const
{
    std::vector<StoreFacts> all;
    all.push_back({"store", &stores_.meters->store});
    if (stores_.redis) all.push_back({"sessions", &stores_.meters->sessions, true});
    return all;
}

AuthRooms::~AuthRooms()
{
    feeds_.stop();
    key_tender_.stop();
    housekeeping_.stop();
    finish_jobs();
    if (seen_writer_) seen_writer_->stop();
    audit_.stop();  // nobody is left who could do anything
    feeds_.leave(); // the workers are gone: nobody is served any more
}

void AuthRooms::finish_jobs()
{
    hash_pool_.join();
    store_pool_.join();
    if (confirm_pool_) confirm_pool_->join();
}

Result<std::unique_ptr<AuthRooms>, std::string>
AuthRooms::open(const config::Settings& settings, auth::SecurityLog& log,
                auth::FailureReport::Say on_store_failure, Warn warn,
                const std::function<bool()>& give_up)
{
    // The rest of deadlines.store is for the way through the pool.
    auth::StoreOptions options;
    options.patience = settings.deadlines.store * 7 / 10;
    options.poll = settings.feed.poll;
    options.on_failure = on_store_failure;
    auto stores = auth::open_stores(settings, auth::StoreRole::gateway, std::move(options));
    if (!stores) return stores.error();
    // Keeper and throttle refer to a clock, which has to outlive them: the rooms' own does not
    // exist yet.
    static const auth::SystemClock clock;
    auto keys =
        patiently([&] { return auth::open_keys(settings, *stores->store, clock); }, give_up);
    if (!keys) return keys.error().message;
    auto throttle =
        patiently([&] { return auth::open_throttle(settings, *stores, clock); }, give_up);
    if (!throttle) return throttle.error().message;

    std::optional<Secret> shared_key;
    if (stores->shared_states() != nullptr) {
        auto key = patiently([&] { return auth::shared_fingerprint_key(settings, *stores, clock); },
                             give_up);
        if (!key) return key.error().message;
        shared_key = *std::move(key);
    }

    std::unique_ptr<AuthRooms> rooms(new AuthRooms(settings, std::move(*stores), std::move(*keys),
                                                   std::move(*throttle), log,
                                                   std::move(on_store_failure), std::move(warn)));
    rooms->shared_key_ = std::move(shared_key);
    if (!rooms->catch_up(give_up)) {
        return std::string("stopped before the store could be read: revocations are not loaded");
    }
    rooms->feeds_.start();
    rooms->housekeeping_.start();
    rooms->audit_.start();
    if (rooms->seen_writer_) rooms->seen_writer_->start();
    rooms->key_tender_.start();
    return rooms;
}

void AuthRooms::use(const config::Settings& settings)
{
    hasher_.use(settings.passwords);
    throttle_->use(settings.throttle);
    audit_.use(settings.audit);
    housekeeping_.use(settings.audit.keep);
    keys_->use(settings.tokens);
}

bool AuthRooms::catch_up(const std::function<bool()>& give_up)
{
    Pauses pauses(give_up);
    while (!feeds_.catch_up()) {
        if (!pauses.next()) return false;
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
    if (*changed) hand_out_keys();
    return true;
}

void AuthRooms::hand_out_keys()
{
    const std::scoped_lock lock(listener_mutex_);
    if (on_new_keys_) on_new_keys_(keys_->ring());
}

} // namespace gatehouse::gateway
