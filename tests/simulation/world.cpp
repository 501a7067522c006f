#include "tests/simulation/world.hpp"

#include "tests/simulation/actors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

namespace {

/// Things go wrong for so long; then the network is whole and everybody comes to rest.
constexpr Time stormy = 14s;
/// Longer than any message, any rest of a feed and any client's patience.
constexpr Time calm = 9s;
/// What the last look takes: a logout that waits for whoever is gone, and one that need not.
constexpr Time looking = 5s;
/// A run that went wrong is not continued for longer than this.
constexpr Time slice = 250ms;

constexpr std::size_t account_count = 3;
constexpr std::size_t watchers = 2;

config::Settings settings_of(Random& random)
{
    config::Settings settings;
    if (random.permille(200)) {
        settings.tokens.sealing_secret = Secret(std::string(32, 's'));
        settings.tokens.rotate_every = random.permille(500) ? 1s : 9s;
    } else {
        settings.tokens.algorithm = config::Algorithm::hs256; // much quicker to sign
        settings.tokens.access_secret = Secret(std::string(32, 'a'));
        settings.tokens.refresh_secret = Secret(std::string(32, 'r'));
    }
    settings.tokens.access_ttl = 12s;
    settings.tokens.refresh_ttl = 1h;
    // The clocks' difference, and the longest that a write may be on its way with the time of its
    // sender in it.
    settings.tokens.max_ahead = 8s;
    settings.tokens.publish_ahead = 8s; // the same, and the time to hear of it
    settings.passwords.argon2_memory_bytes = 8 * 1024;
    settings.passwords.argon2_passes = 1;
    settings.passwords.deadline = 10min; // real time, which means nothing here
    settings.throttle = {.pair_free = 0, .account_per_hour = 0, .address_per_10_minutes = 0};
    settings.refresh.straggler_window = 2s;
    settings.refresh.on_straggler =
        random.permille(500) ? config::OnStraggler::refuse : config::OnStraggler::repeat;
    settings.refresh.on_reuse =
        random.permille(800) ? config::OnReuse::end_session : config::OnReuse::end_all;
    settings.refresh.lost_answer =
        random.permille(500) ? config::LostAnswer::refuse : config::LostAnswer::repeat;
    settings.sessions.max_per_user = random.permille(700) ? 0 : 2;
    settings.sessions.when_full =
        random.permille(700) ? config::WhenFull::evict_oldest : config::WhenFull::refuse;
    settings.logout = random.permille(500) ? config::Logout::confirmed : config::Logout::immediate;
    return settings;
}

/// A third of all runs has a network that hardly ever fails.
Weather weather_of(Random& random)
{
    switch (random.below(3)) {
    case 0:
        return {1, 10};
    case 1:
        return {15, 50};
    default:
        return {50, 150};
    }
}

} // namespace

World::World(const Plan& plan)
    : plan_(plan),
      random_(plan.seed),
      system_(plan.seed),
      settings_(settings_of(random_)),
      virtual_time_(scheduler_),
      network_(scheduler_, random_),
      database_(scheduler_, random_, plan.bug),
      oracle_(std::make_unique<Oracle>(Oracle::Rooms{settings_, scheduler_, database_})),
      accounts_(account_count)
{
    network_.set(weather_of(random_));
    for (std::size_t i = 0; i < accounts_.size(); ++i)
        accounts_[i].name = fmt::format("u{}", i + 1);
    for (auto& replica : replicas_) {
        const auto skew = random_.between(0s, 2 * SkewedClock::most) - SkewedClock::most;
        replica.clock = std::make_unique<SkewedClock>(scheduler_, skew);
    }
}

World::~World()
{
    scheduler_.kill_all();
}

Verdict World::run()
{
    for (std::size_t i = 0; i < replicas_.size(); ++i) start(i);
    start_actors();
    const auto go_on_until = [this](Time end) {
        while (scheduler_.now() < end && !oracle_->violation()) {
            scheduler_.run_until(std::min(end, scheduler_.now() + slice));
        }
    };
    go_on_until(stormy);
    heal();
    go_on_until(stormy + calm);
    if (!oracle_->violation()) last_look();
    go_on_until(stormy + calm + looking);
    if (!oracle_->violation()) check_the_end();
    return {oracle_->violation(), answers_};
}

void World::check_the_end()
{
    std::set<std::string> holders;
    for (const auto& replica : replicas_) {
        if (replica.process) holders.insert(replica.process->holder());
    }
    oracle_->check_the_end(accounts_, holders);
}

Account& World::life_after(const Account& deleted)
{
    auto last = std::find_if(accounts_.rbegin(), accounts_.rend(),
                             [&](const auto& each) { return each.name == deleted.name; });
    if (&*last != &deleted) return *last;
    accounts_.emplace_back();
    accounts_.back().name = deleted.name;
    return accounts_.back();
}

std::string World::stamped(const std::string& line) const
{
    return fmt::format("{:9.3f} s  {}", std::chrono::duration<double>(scheduler_.now()).count(),
                       line);
}

void World::start(std::size_t replica)
{
    auto& each = replicas_[replica];
    const RemoteStore::Rooms store{scheduler_, network_,         random_,
                                   database_,  each.to_database, plan_.bug};
    each.process = std::make_unique<Process>(Process::Rooms{settings_, *each.clock, store}, replica,
                                             ++incarnations_);
    tell([&] { return fmt::format("replica {} starts", replica + 1); });
}

void World::start_actors()
{
    for (auto& account : accounts_) {
        clients_.push_back(std::make_unique<Client>(*this, account));
    }
    // The first account has two devices.
    clients_.push_back(std::make_unique<Client>(*this, accounts_.front()));
    for (const auto& client : clients_) {
        scheduler_.spawn([each = client.get()] { each->live(); });
    }
    scheduler_.spawn([this] { Operator(*this).live(); });
    for (std::size_t i = 0; i < watchers; ++i) {
        scheduler_.spawn([this] { Watcher(*this).live(); });
    }
    scheduler_.after(random_.between(500ms, 4s), [this] { break_things(); });
}

// ---- what goes wrong --------------------------------------------------------------------------

void World::break_things()
{
    if (closing_) return;
    const auto replica = random_.below(replicas_.size());
    auto& each = replicas_[replica];
    const auto dice = random_.below(10);
    if (dice < 2) {
        crash(replica);
    } else if (dice < 3) {
        stop(replica);
    } else if (dice < 7) {
        cut(each.to_database, fmt::format("replica {} and the database", replica + 1));
    } else if (dice < 8) {
        cut(each.to_clients, fmt::format("replica {} and the clients", replica + 1));
    } else {
        network_.set(weather_of(random_));
    }
    scheduler_.after(random_.between(300ms, 5s), [this] { break_things(); });
}

void World::crash(std::size_t replica)
{
    if (!replicas_[replica].process) return;
    tell([&] { return fmt::format("replica {} crashes", replica + 1); });
    replace(replica);
}

void World::stop(std::size_t replica)
{
    auto* const process = replicas_[replica].process.get();
    if (process == nullptr || !process->serves()) return;
    tell([&] { return fmt::format("replica {} is told to stop", replica + 1); });
    process->run([this, replica, process] {
        process->leave();
        // Not from inside one of its own fibers.
        scheduler_.after(0s, [this, replica, incarnation = process->incarnation()] {
            const auto& current = replicas_[replica].process;
            if (current && current->incarnation() == incarnation) replace(replica);
        });
    });
}

void World::replace(std::size_t replica)
{
    replicas_[replica].process.reset();
    scheduler_.after(random_.between(5ms, 2s), [this, replica] { start(replica); });
}

void World::cut(Link& link, std::string what)
{
    if (link.cut) return;
    tell([&] { return fmt::format("nothing goes between {}", what); });
    network_.cut(link);
    scheduler_.after(random_.between(50ms, 6s), [this, &link, what = std::move(what)] {
        if (!link.cut) return;
        network_.mend(link);
        tell([&] { return fmt::format("all is well between {}", what); });
    });
}

void World::heal()
{
    closing_ = true;
    network_.set({});
    for (auto& replica : replicas_) {
        network_.mend(replica.to_database);
        network_.mend(replica.to_clients);
    }
    tell([] { return std::string("everything is mended, nobody asks any more"); });
}

/// All replicas have heard everything: what they take and refuse has to be what the store says.
void World::last_look()
{
    last_logouts();
    scheduler_.spawn([this] { Watcher(*this).look_at_everything(); });
    for (auto& account : accounts_) {
        if (account.passwords.empty()) continue;
        scheduler_.spawn([this, &account] {
            Calls calls(*this);
            const auto newest = account.passwords.size() - 1;
            static_cast<void>(ask([calls, &account, newest](Process& process) mutable {
                return calls.login(process, account, newest);
            }));
        });
    }
}

void World::last_logouts()
{
    if (settings_.logout != config::Logout::confirmed) return;
    std::vector<std::string> tokens;
    for (const auto& [id, session] : oracle_->sessions()) {
        const auto stored = database_.true_session(id);
        const bool lives = stored && !stored->ended_at;
        if (lives && tokens.size() < 2) tokens.push_back(session.refresh_tokens.rbegin()->second);
    }
    scheduler_.spawn([this, tokens] {
        Calls calls(*this);
        for (const auto& token : tokens) {
            static_cast<void>(ask(
                [calls, token](Process& process) mutable { return calls.logout(process, token); }));
            // It may have waited for replicas that are gone; now they are struck out.
            scheduler_.sleep(300ms);
            all_is_well_ = true;
        }
    });
}

Verdict run(const Plan& plan)
{
    return World(plan).run();
}

} // namespace gatehouse::simulation
