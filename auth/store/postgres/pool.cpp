#include "auth/store/postgres/pool.hpp"

#include <algorithm>
#include <random>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 25ms;
constexpr auto longest_pause = 2000ms;
/// Enough for every conflict that is not a bug of ours: with n rivals each round lets one through.
constexpr int most_attempts = 10;
/// For the statements that make a new connection ready, which may include the migration.
constexpr auto time_to_prepare = 10s;

/// Between half of `pause` and all of it: many that failed together do not come back together.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::milliseconds pause)
{
    thread_local std::minstd_rand numbers{std::random_device{}()};
    const auto half = pause.count() / 2;
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(half, pause.count())(numbers));
}

[[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t failures)
{
    const auto doublings = std::min(failures - 1, 10U);
    return jittered(
        std::min<std::chrono::milliseconds>(first_pause * (1U << doublings), longest_pause));
}

} // namespace

Pool::Pool(Secret address, PoolLimits limits, Prepare prepare, FailureReport::Say on_failure)
    : address_(std::move(address)),
      limits_(limits),
      prepare_(std::move(prepare)),
      report_(std::move(on_failure)),
      thread_([this] { serve(); })
{
}

Pool::~Pool()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        wanted_.notify_one();
        changed_.notify_all();
    }
    thread_.join();
}

std::optional<Failure> Pool::first_failure()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempted_ || stopping_; });
    return failure_;
}

bool Pool::is_down()
{
    const std::scoped_lock lock(mutex_);
    return down_;
}

Pool::Lease::Lease(Pool& pool, Steady::time_point deadline)
    : pool_(pool),
      connection_(pool.take(deadline, era_))
{
}

Pool::Lease::~Lease()
{
    stop_watching();
    if (connection_) pool_.give_back(std::move(connection_), era_, verdict_);
}

void Pool::Lease::watch_until(Steady::time_point deadline)
{
    stop_watching();
    watch_.emplace(pool_.watchdog_, *connection_, deadline);
}

void Pool::Lease::stop_watching()
{
    // The server cancels a statement in half the time. If it did not, it does nothing at all; else
    // several statements together took too long, and that is no reason to think ill of the others.
    const auto overdue = pool_.limits_.statement() + pool_.limits_.patience / 10;
    const bool bit = watch_ && watch_->bit();
    if (bit && Steady::now() - connection_->asked_at() >= overdue) verdict_ = Verdict::frozen;
    watch_.reset();
}

bool Pool::is_harmless(const Failure& failure, bool begun)
{
    switch (failure.kind()) {
    case Failure::Kind::conflict:
    case Failure::Kind::read_only:
        return true;
    case Failure::Kind::lost:
        return !begun;
    case Failure::Kind::refused:
    case Failure::Kind::missing:
        break;
    }
    return false;
}

StoreError Pool::unavailable_after(const std::optional<Failure>& last)
{
    if (last) report_.note(last->what());
    return StoreError::unavailable;
}

bool Pool::pause_before(int attempt, Steady::time_point deadline)
{
    if (attempt >= most_attempts) return false;
    std::this_thread::sleep_for(jittered(std::chrono::milliseconds(2 * attempt)));
    return Steady::now() < deadline;
}

std::uint64_t Pool::era()
{
    const std::scoped_lock lock(mutex_);
    return era_;
}

std::unique_ptr<Connection> Pool::take(Steady::time_point deadline, std::uint64_t& era)
{
    std::unique_lock lock(mutex_);
    ++waiting_;
    const auto settled = [&] { return stopping_ || down_ || !idle_.empty(); };
    std::unique_ptr<Connection> taken;
    while (!taken) {
        wanted_.notify_one();
        if (!changed_.wait_until(lock, deadline, settled) || stopping_ || down_) break;
        taken = std::move(idle_.back()); // the one used last: the others may grow old and be closed
        idle_.pop_back();
        // It was idle: what there is to read now is that the server closed it.
        if (taken->is_open() && !taken->has_input()) break;
        taken.reset();
        --open_;
    }
    --waiting_;
    era = era_;
    return taken;
}

void Pool::give_back(std::unique_ptr<Connection> connection, std::uint64_t era, Verdict verdict)
{
    const bool good = verdict == Verdict::good && connection->is_open() && !connection->has_input();
    std::vector<std::unique_ptr<Connection>> closed; // outside the lock
    const std::scoped_lock lock(mutex_);
    if (good && era == era_) {
        idle_.push_back(std::move(connection));
    } else {
        closed.push_back(std::move(connection));
        --open_;
    }
    if (verdict != Verdict::good && era == era_) {
        // The others are no better. Nobody has to find out one by one.
        ++era_;
        open_ -= idle_.size();
        std::ranges::move(idle_, std::back_inserter(closed));
        idle_.clear();
        // Calls are refused until a new connection has shown that somebody answers.
        down_ = down_ || verdict == Verdict::frozen;
        wanted_.notify_one();
        changed_.notify_all();
    }
    changed_.notify_one();
}

bool Pool::is_wanted() const
{
    const bool room = open_ < limits_.connections;
    return stopping_ || !attempted_ || down_ || (room && waiting_ > idle_.size());
}

void Pool::serve()
{
    std::unique_lock lock(mutex_);
    while (true) {
        wanted_.wait(lock, [&] { return is_wanted(); });
        if (stopping_) return;
        if (failures_ > 0) {
            wanted_.wait_for(lock, pause_after(failures_), [&] { return stopping_; });
            if (stopping_) return;
        }
        open_one(lock);
    }
}

void Pool::open_one(std::unique_lock<std::mutex>& lock)
{
    std::optional<Failure> failure;
    lock.unlock();
    auto connection = connect(failure);
    lock.lock();
    attempted_ = true;
    failure_ = failure;
    if (connection) {
        failures_ = 0;
        down_ = false;
        ++open_;
        idle_.push_back(std::move(connection));
    } else {
        ++failures_;
        // With connections left it may be the server's limit that was met: callers share those.
        down_ = down_ || open_ == 0;
    }
    changed_.notify_all();
}

std::unique_ptr<Connection> Pool::connect(std::optional<Failure>& failure)
{
    try {
        auto connection = std::make_unique<Connection>(std::string(address_.reveal()));
        const Watchdog::Watch watch(watchdog_, *connection, Steady::now() + time_to_prepare);
        prepare_(*connection);
        return connection;
    } catch (const Failure& what) {
        failure = what;
        report_.note(what.what());
        return nullptr;
    }
}

} // namespace gatehouse::auth::postgres
