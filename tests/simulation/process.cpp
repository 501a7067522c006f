#include "tests/simulation/process.hpp"

#include "auth/service/revocation_life.hpp"
#include "auth/tokens/key_memory.hpp"
#include "auth/tokens/key_secrets.hpp"
#include "auth/tokens/key_store.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t workers = 2;
constexpr auto tidy_every = 2s;
constexpr auto look_at_keys_every = 2s;
/// As gateway/runtime keeps changes for a day of outage; no cut here is longer than this.
constexpr auto longest_outage = 30s;

config::TokenSettings tokens_of(const config::Settings& settings, Bug bug)
{
    auto tokens = settings.tokens;
    if (bug == Bug::new_keys_sign_at_once) tokens.publish_ahead = 0s;
    if (bug == Bug::tokens_live_longer) tokens.leeway += 3s;
    if (bug == Bug::retired_keys_vanish) tokens.retired_margin = 1s - tokens.access_ttl;
    return tokens;
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

/// true for as long as this lives.
class Raised {
public:
    explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }

    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;

    ~Raised() { flag_ = false; }

private:
    bool& flag_;
};

} // namespace

Process::Process(Rooms rooms, std::size_t replica, std::uint64_t incarnation)
    : rooms_(rooms),
      tokens_(tokens_of(rooms.settings, rooms.store.bug)),
      replica_(replica),
      incarnation_(incarnation),
      holder_(std::to_string(replica) + "." + std::to_string(incarnation)),
      store_(rooms.store),
      operators_store_(rooms.store),
      hasher_(rooms.settings.passwords),
      throttle_(rooms.settings.throttle, rooms.clock),
      admin_({operators_store_, hasher_, rooms.clock, log_}, rooms.settings),
      follower_({store_, revocations_, rooms.clock},
                remembered_life(rooms.settings, rooms.store.bug),
                [this] {
                    if (has(Bug::keys_are_not_read_again)) return true;
                    if (has(Bug::new_keys_sign_at_once)) return true; // a look comes soon enough
                    return with_keys([](auto& keys) { return keys.reload(); }).has_value();
                }),
      logout_terms_(store_, rooms.settings, holder_),
      housekeeping_({store_, revocations_, rooms.clock, logout_terms_},
                    {.retention = retention(rooms.settings, rooms.store.bug),
                     .keep_audit = rooms.settings.audit.keep,
                     .holder = holder_,
                     .interval = tidy_every}),
      // Whatever was committed before it began, it must know before it serves.
      heard_as_of_(rooms.store.scheduler.now()),
      refreshes_(rooms.store.scheduler,
                 [this](std::function<void()> what) { run(std::move(what)); })
{
    if (rooms.settings.logout == config::Logout::confirmed) {
        const auto lease = rooms.settings.feed_lease;
        presence_.emplace(store_, lease);
        confirmation_.emplace(
            std::vector<auth::Confirmation::Place>{
                {store_, presence_->name()}
        },
            has(Bug::waits_too_short) ? lease / 4 : lease);
    }
    if (rooms.settings.refresh.lost_answer == config::LostAnswer::repeat) {
        seen_.emplace();
        seen_writer_.emplace(*seen_, store_);
    }
    run([this] { follow(); });
    run([this] { tidy(); });
    run([this] { tend_keys(); });
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

// ---- requests ---------------------------------------------------------------------------------

bool Process::may_believe() const
{
    return !presence_ || presence_->lease().holds() || has(Bug::lease_is_not_looked_at) ||
           is_unreported();
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
    if (seen_ && !tells_of_uses_) run([this] { tell_of_uses(); });
    if (!found) return found.error();
    if (has(Bug::cache_outlives_logout)) remembered_[token] = {now + 2s, **found};
    return **found;
}

/// As the thread of gateway/runtime does, until nothing waits.
void Process::tell_of_uses()
{
    using Outcome = gateway::SeenWriter::Outcome;
    if (tells_of_uses_) return;
    const Raised busy(tells_of_uses_);
    while (true) {
        const auto seen = seen_->waiting(gateway::SeenWriter::piece);
        if (seen.empty()) return;
        const auto outcome = seen_writer_->write(seen);
        if (outcome == Outcome::all) continue;
        if (has(Bug::uses_are_told_once)) seen_->written(seen);
        rooms_.store.scheduler.sleep(outcome == Outcome::some ? 5ms : 200ms);
    }
}

Refreshes::Outcome Process::refresh(const auth::RefreshClaims& token, const Refreshes::Lead& lead)
{
    if (has(Bug::refreshes_are_not_joined)) return lead();
    const auto now = rooms_.store.scheduler.now();
    const auto generation = has(Bug::joined_whatever_generation) ? 0 : token.generation;
    const Refreshes::Key key{token.session_id, generation};
    if (!has(Bug::answers_are_joined_afterwards)) return refreshes_.join(key, lead);
    const auto known = answered_.find(key);
    if (known != answered_.end() && now < known->second.first) return known->second.second;
    auto outcome = refreshes_.join(key, lead);
    answered_.insert_or_assign(key, std::pair(rooms_.store.scheduler.now() + 1s, outcome));
    return outcome;
}

void Process::confirm()
{
    if (!confirmation_ || has(Bug::answers_unconfirmed)) return;
    confirmation_->wait(auth::Confirmation::Steady::now());
}

// ---- keys -------------------------------------------------------------------------------------

std::unique_ptr<auth::KeyPlace> Process::key_place(RemoteStore& store) const
{
    if (has(Bug::keys_of_its_own) && shares_keys(tokens_)) {
        return std::make_unique<auth::KeyMemory>();
    }
    return place_of_keys(tokens_, store, rooms_.clock);
}

template <class Call>
std::invoke_result_t<Call&, auth::KeyKeeper&> Process::with_keys(Call call)
{
    while (keys_are_busy_) rooms_.store.scheduler.sleep(1ms);
    const Raised busy(keys_are_busy_);
    auto outcome = call(*keys_);
    for (const auto& worker : workers_) worker->use(keys_->ring());
    return outcome;
}

void Process::tend_keys()
{
    while (true) {
        rooms_.store.scheduler.sleep(look_at_keys_every);
        if (!keys_ || has(Bug::keys_are_not_read_again)) continue;
        [[maybe_unused]] const auto news = with_keys([](auto& keys) { return keys.tend(); });
    }
}

bool shares_keys(const config::TokenSettings& tokens)
{
    return !tokens.sealing_secret.empty();
}

std::unique_ptr<auth::KeyPlace> place_of_keys(const config::TokenSettings& tokens,
                                              auth::KeptKeys& store, const auth::Clock& clock)
{
    if (!shares_keys(tokens)) return std::make_unique<auth::KeySecrets>(tokens);
    auto seal = auth::KeySeal::make(tokens.sealing_secret, {});
    return std::make_unique<auth::KeyStore>(store, *std::move(seal), clock);
}

bool Process::rotate_keys()
{
    const auto keys = auth::KeyKeeper::open(tokens_, key_place(operators_store_), rooms_.clock);
    if (has(Bug::new_keys_sign_at_once) && keys) (void)(*keys)->rotate();
    return keys && (*keys)->rotate();
}

// ---- its life ---------------------------------------------------------------------------------

void Process::open()
{
    for (Time rest = 100ms; !keys_; rest = std::min<Time>(rest * 2, 5s)) {
        auto keys = auth::KeyKeeper::open(tokens_, key_place(store_), rooms_.clock);
        if (!keys) {
            rooms_.store.scheduler.sleep(rest);
            continue;
        }
        keys_ = *std::move(keys);
    }
    for (std::size_t i = 0; i < workers; ++i) {
        workers_.push_back(std::make_unique<auth::Authenticator>(tokens_, revocations_,
                                                                 keys_->ring(), std::size_t{64}));
        workers_.back()->tell_of_pairs(seen_ ? &*seen_ : nullptr);
    }
    service_ = std::make_unique<auth::AuthService>(
        auth::AuthService::Rooms{store_, *keys_, revocations_, hasher_, throttle_, rooms_.clock,
                                 log_, nullptr, seen_ ? &*seen_ : nullptr},
        rooms_.settings);
}

bool Process::is_unreported() const
{
    return has(Bug::serves_unreported) && (!serves_ || age() < 3s);
}

bool Process::report()
{
    if (!presence_ || is_unreported()) return true;
    if (has(Bug::lease_is_not_renewed) && serves_) return true;
    return presence_->report(follower_.sequence()).has_value();
}

void Process::catch_up()
{
    auto& scheduler = rooms_.store.scheduler;
    for (Time rest = 100ms;; rest = std::min<Time>(rest * 2, 5s)) {
        if (report()) {
            const auto asked = scheduler.now();
            if (follower_.catch_up()) {
                heard_as_of_ = asked;
                break;
            }
        }
        scheduler.sleep(rest);
    }
    if (presence_) static_cast<void>(presence_->heard(follower_.sequence()));
}

bool Process::hear_and_wait()
{
    if (!report()) return false;
    const auto asked = rooms_.store.scheduler.now();
    if (!follower_.hear()) return false;
    heard_as_of_ = asked;
    const bool news = presence_ && presence_->heard(follower_.sequence());
    if (has(Bug::feed_is_read_rarely)) rooms_.store.scheduler.sleep(3s);
    if (news && !has(Bug::lease_is_not_renewed)) return true;
    auto wait = auth::FeedFollower::longest_wait;
    if (presence_) wait = std::min(wait, presence_->longest_rest());
    return follower_.wait_for_more(wait).has_value();
}

void Process::follow()
{
    open();
    if (has(Bug::serves_before_catch_up)) serves_ = true;
    catch_up();
    serves_ = true;
    served_since_ = rooms_.store.scheduler.now();
    while (!leaves_) {
        const bool went_well = hear_and_wait();
        if (!went_well && has(Bug::feed_dies_of_an_error)) return;
        const auto rest = follower_.rest_after(went_well);
        if (rest > 0ms) rooms_.store.scheduler.sleep(rest);
    }
}

void Process::leave()
{
    leaves_ = true; // the feed's fiber ends after this round
    if (has(Bug::leaves_before_it_stops)) {
        if (presence_) presence_->leave();
        rooms_.store.scheduler.sleep(rooms_.settings.feed_lease);
    }
    serves_ = false;
    rooms_.store.scheduler.sleep(2 * RemoteStore::patience);
    if (presence_) presence_->leave();
    [[maybe_unused]] const auto given_up =
        store_.give_up_lease(gateway::Housekeeping::lease, holder_, rooms_.clock.now());
}

void Process::tidy()
{
    while (true) {
        rooms_.store.scheduler.sleep(tidy_every);
        housekeeping_.tidy();
    }
}

} // namespace gatehouse::simulation
