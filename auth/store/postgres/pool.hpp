#pragma once

#include "auth/connections/shared_connections.hpp"
#include "auth/store/failure_report.hpp"
#include "auth/store/postgres/transaction.hpp"
#include "auth/store/postgres/watchdog.hpp"
#include "auth/store/store_error.hpp"
#include "auth/store/store_meter.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <functional>

namespace gatehouse::auth::postgres {

/// How many connections there may be, and how long a call may take from its beginning to its
/// answer.
struct PoolLimits {
    std::size_t connections = 16;
    std::chrono::milliseconds patience{700};
    StoreMeter* meter = nullptr; // counts the calls; null: nobody does

    /// What the server is told to give a statement; whoever waits for a lock is told so in time.
    [[nodiscard]] std::chrono::milliseconds statement() const { return patience / 2; }
};

/// Shared connections, the transactions that run on them, and who frees a call that hangs.
class Pool {
public:
    using Steady = std::chrono::steady_clock;

    /// Makes a new connection fit for use. Both throw Failure.
    struct Prepare {
        /// Statements that a server answers at once, if there is one: a pooler lets clients in
        /// and then waits for a server that may be gone.
        std::function<void(Connection&)> greet;
        /// What may take a while. Empty: nothing does.
        std::function<void(Connection&)> bring_up_to_date;
    };

    Pool(Secret address, PoolLimits limits, Prepare prepare, FailureReport::Say on_failure = {});
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Waits until the first attempt to connect is over. What went wrong, if anything did.
    [[nodiscard]] std::optional<Failure> first_failure() { return connections_.first_failure(); }

    using Connections = SharedConnections<Connection, Failure>;

    /// A connection on loan: back in the pool when this goes, if it is still good.
    class Lease {
    public:
        Lease(Pool& pool, Steady::time_point deadline);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();

        explicit operator bool() const noexcept { return loan_.line != nullptr; }

        [[nodiscard]] Connection& operator*() const noexcept { return *loan_.line; }

        /// Whether it was lent before all connections of that time fell into disrepute.
        [[nodiscard]] bool is_outdated() const { return pool_.connections_.era() != loan_.era; }

        /// Its server takes no writes any more: neither this connection nor the others of its time
        /// are used again.
        void distrust() noexcept { verdict_ = Connections::Verdict::outdated; }

        /// From here to the end of the lease, or the next call, the server has until `deadline`.
        void watch_until(Steady::time_point deadline);
        void stop_watching();

    private:
        Pool& pool_;
        Connections::Loan loan_;
        std::optional<Watchdog::Watch> watch_;
        Connections::Verdict verdict_ = Connections::Verdict::good;
    };

    /// Runs `work(Connection&)`, which returns a Result<T, StoreError>, as `access` says. An error
    /// undoes what it wrote. Run again where that is known to be harmless: when the server rolled
    /// back because of others or takes no writes, and when a connection turned out to be dead
    /// before anything began.
    template <class Work>
    [[nodiscard]] auto run(Access access, Work work) -> std::invoke_result_t<Work&, Connection&>
    {
        const auto patience = access == Access::survey ? limits_.patience * 10 : limits_.patience;
        const auto deadline = Steady::now() + patience;
        StoreMeter::Call call(limits_.meter, kind_of(access));
        std::optional<Failure> last;
        const auto give_up = [&] {
            call.failed();
            return unavailable_after(last);
        };
        for (int attempt = 0;; ++attempt) {
            if (last && !pause_before(attempt, deadline)) return give_up();
            Lease lease(*this, deadline);
            if (!lease) return give_up();
            lease.watch_until(deadline);
            bool begun = false;
            try {
                Transaction transaction(*lease, access);
                begun = kind_of(access) == StoreMeter::Kind::write;
                auto answer = work(*lease);
                if (answer.has_value()) transaction.commit();
                return answer;
            } catch (const Failure& failure) {
                if (failure.kind() == Failure::Kind::read_only) lease.distrust();
                last = failure;
                if (!is_harmless(failure, begun)) return give_up();
            }
        }
    }

    [[nodiscard]] std::chrono::milliseconds patience() const noexcept { return limits_.patience; }

    /// Whether nobody has answered since the last sign of trouble.
    [[nodiscard]] bool is_down() { return connections_.is_down(); }

private:
    [[nodiscard]] static StoreMeter::Kind kind_of(Access access) noexcept
    {
        const bool writes = access == Access::write || access == Access::tally;
        return writes ? StoreMeter::Kind::write : StoreMeter::Kind::read;
    }

    [[nodiscard]] static bool is_harmless(const Failure& failure, bool begun);
    /// Reports the failure, if there was one.
    [[nodiscard]] StoreError unavailable_after(const std::optional<Failure>& last);
    [[nodiscard]] static bool pause_before(int attempt, Steady::time_point deadline);
    [[nodiscard]] std::unique_ptr<Connection> connect(std::optional<Failure>& failure);

    const Secret address_;
    const PoolLimits limits_;
    const Prepare prepare_;
    FailureReport report_;
    Watchdog watchdog_;
    Connections connections_; // last: its thread uses all of the above
};

} // namespace gatehouse::auth::postgres
