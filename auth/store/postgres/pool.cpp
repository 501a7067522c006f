#include "auth/store/postgres/pool.hpp"

#include <thread>

namespace gatehouse::auth::postgres {

namespace {

using namespace std::chrono_literals;

/// Enough for every conflict that is not a bug of ours: with n rivals each round lets one through.
constexpr int most_attempts = 10;
/// Whoever starts is told within two seconds that nobody is there.
constexpr auto time_to_greet = 1500ms;
/// The migration may be among it.
constexpr auto time_to_bring_up_to_date = 10s;

} // namespace

Pool::Pool(Secret address, PoolLimits limits, Prepare prepare, FailureReport::Say on_failure)
    : address_(std::move(address)),
      limits_(limits),
      prepare_(std::move(prepare)),
      report_(std::move(on_failure)),
      connections_(limits.connections, [this](auto& failure) { return connect(failure); })
{
}

Pool::Lease::Lease(Pool& pool, Steady::time_point deadline)
    : pool_(pool),
      loan_(pool.connections_.take(deadline))
{
}

Pool::Lease::~Lease()
{
    stop_watching();
    if (loan_.line) pool_.connections_.give_back(std::move(loan_), verdict_);
}

void Pool::Lease::watch_until(Steady::time_point deadline)
{
    stop_watching();
    watch_.emplace(pool_.watchdog_, *loan_.line, deadline);
}

void Pool::Lease::stop_watching()
{
    // The server cancels a statement in half the time. If it did not, it does nothing at all; else
    // several statements together took too long, and that is no reason to think ill of the others.
    const auto overdue = pool_.limits_.statement() + pool_.limits_.patience / 10;
    const bool bit = watch_ && watch_->bit();
    if (bit && Steady::now() - loan_.line->asked_at() >= overdue)
        verdict_ = Connections::Verdict::down;
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

std::unique_ptr<Connection> Pool::connect(std::optional<Failure>& failure)
{
    try {
        auto connection = std::make_unique<Connection>(std::string(address_.reveal()));
        {
            const Watchdog::Watch watch(watchdog_, *connection, Steady::now() + time_to_greet);
            prepare_.greet(*connection);
        }
        if (prepare_.bring_up_to_date) {
            const Watchdog::Watch watch(watchdog_, *connection,
                                        Steady::now() + time_to_bring_up_to_date);
            prepare_.bring_up_to_date(*connection);
        }
        return connection;
    } catch (const Failure& what) {
        failure = what;
        report_.note(what.what());
        return nullptr;
    }
}

} // namespace gatehouse::auth::postgres
