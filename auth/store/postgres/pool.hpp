#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/postgres/transaction.hpp"
#include "auth/store/postgres/watchdog.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace gatehouse::auth::postgres {

/// How many connections there may be, and how long a call may take from its beginning to its
/// answer.
struct PoolLimits {
    std::size_t connections = 16;
    std::chrono::milliseconds patience{700};

    /// What the server is told to give a statement; whoever waits for a lock is told so in time.
    [[nodiscard]] std::chrono::milliseconds statement() const { return patience / 2; }
};

/// Connections for whoever calls, opened as they are needed, up to a limit, by a thread of the
/// pool: no caller waits for a server that accepts and then says nothing. Where the server is gone
/// calls are refused at once, and the thread tries until it is back, with growing pauses.
class Pool {
public:
    using Steady = std::chrono::steady_clock;
    /// Makes a new connection fit for use; throws Failure.
    using Prepare = std::function<void(Connection&)>;

    Pool(Secret address, PoolLimits limits, Prepare prepare, FailureReport::Say on_failure = {});
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool();

    /// Waits until the first attempt to connect is over. What went wrong, if anything did.
    [[nodiscard]] std::optional<Failure> first_failure();

    /// What a call found out about its connection, and with it about the others.
    enum class Verdict {
        good,
        useless, // its server does not do what we need
        frozen   // its server let us wait for too long
    };

    /// A connection on loan: back in the pool when this goes, if it is still good.
    class Lease {
    public:
        Lease(Pool& pool, Steady::time_point deadline);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();

        explicit operator bool() const noexcept { return connection_ != nullptr; }

        [[nodiscard]] Connection& operator*() const noexcept { return *connection_; }

        /// Whether it was lent before all connections of that time fell into disrepute.
        [[nodiscard]] bool is_outdated() const { return pool_.era() != era_; }

        /// Its server takes no writes any more: neither this connection nor the others of its time
        /// are used again.
        void distrust() noexcept { verdict_ = Verdict::useless; }

        /// From here to the end of the lease, or the next call, the server has until `deadline`.
        void watch_until(Steady::time_point deadline);
        void stop_watching();

    private:
        Pool& pool_;
        std::uint64_t era_ = 0;
        std::unique_ptr<Connection> connection_;
        std::optional<Watchdog::Watch> watch_;
        Verdict verdict_ = Verdict::good;
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
        std::optional<Failure> last;
        for (int attempt = 0;; ++attempt) {
            if (last && !pause_before(attempt, deadline)) return unavailable_after(last);
            Lease lease(*this, deadline);
            if (!lease) return unavailable_after(last);
            lease.watch_until(deadline);
            bool begun = false;
            try {
                Transaction transaction(*lease, access);
                begun = access == Access::write;
                auto answer = work(*lease);
                if (answer.has_value()) transaction.commit();
                return answer;
            } catch (const Failure& failure) {
                if (failure.kind() == Failure::Kind::read_only) lease.distrust();
                last = failure;
                if (!is_harmless(failure, begun)) return unavailable_after(last);
            }
        }
    }

    [[nodiscard]] std::chrono::milliseconds patience() const noexcept { return limits_.patience; }

    /// Whether nobody has answered since the last sign of trouble.
    [[nodiscard]] bool is_down();

private:
    [[nodiscard]] static bool is_harmless(const Failure& failure, bool begun);
    /// Reports the failure, if there was one.
    [[nodiscard]] StoreError unavailable_after(const std::optional<Failure>& last);
    [[nodiscard]] static bool pause_before(int attempt, Steady::time_point deadline);
    [[nodiscard]] std::unique_ptr<Connection> take(Steady::time_point deadline, std::uint64_t& era);
    void give_back(std::unique_ptr<Connection> connection, std::uint64_t era, Verdict verdict);
    [[nodiscard]] std::uint64_t era();
    void serve();
    [[nodiscard]] bool is_wanted() const;
    void open_one(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] std::unique_ptr<Connection> connect(std::optional<Failure>& failure);

    const Secret address_;
    const PoolLimits limits_;
    const Prepare prepare_;
    FailureReport report_;
    Watchdog watchdog_;

    std::mutex mutex_;
    std::condition_variable changed_; // for callers: a connection, or none to be had
    std::condition_variable wanted_;  // for the thread
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t open_ = 0;       // idle and on loan
    std::uint64_t era_ = 0;      // what was opened in an earlier one is not used again
    std::size_t waiting_ = 0;    // callers
    std::uint32_t failures_ = 0; // attempts in a row that failed
    bool down_ = false;
    bool attempted_ = false;
    std::optional<Failure> failure_; // of the last attempt
    bool stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth::postgres
