#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/revocation/feed_follower.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/admin_service.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "gateway/runtime/housekeeping.hpp"
#include "tests/simulation/remote_store.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::simulation {

/// A replica's clock: virtual time, off by a fixed amount.
class SkewedClock final : public auth::Clock {
public:
    /// Real clocks are kept within this by NTP; the settings allow a minute.
    static constexpr Time most = std::chrono::seconds(1);

    SkewedClock(const Scheduler& scheduler, Time skew) : scheduler_(scheduler), skew_(skew) {}

    [[nodiscard]] auth::Millis now() const noexcept override
    {
        constexpr std::chrono::milliseconds beginning{1'800'000'000'000};
        return auth::Millis{
            beginning + std::chrono::floor<std::chrono::milliseconds>(scheduler_.now() + skew_)};
    }

private:
    const Scheduler& scheduler_;
    const Time skew_;
};

/// One gateway process, from its start to its crash: the product's own parts over the simulated
/// database, with what gateway/runtime does around them (catch up, then serve; follow; tidy).
class Process {
public:
    struct Rooms {
        const config::Settings& settings;
        const auth::Clock& clock;
        RemoteStore::Rooms store;
    };

    Process(Rooms rooms, std::size_t replica, std::uint64_t incarnation);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    /// A crash: nothing is finished, nothing is told to anybody.
    ~Process();

    /// Something the process does beside everything else.
    void run(std::function<void()> what);

    /// What a worker makes of a bearer token.
    [[nodiscard]] Result<auth::Principal, auth::TokenError> identify(const std::string& token);

    [[nodiscard]] auth::AuthService& service() noexcept { return service_; }

    [[nodiscard]] auth::AdminService& admin() noexcept { return admin_; }

    [[nodiscard]] std::vector<std::string> take_ended() { return store_.take_ended(); }

    [[nodiscard]] auth::HashPlace place() { return *hasher_.enter(); }

    [[nodiscard]] auth::Seconds seconds() const noexcept { return rooms_.clock.seconds(); }

    /// It has caught up and answers requests.
    [[nodiscard]] bool serves() const noexcept { return serves_; }

    /// It knows everything that was committed before.
    [[nodiscard]] Time heard_as_of() const noexcept { return heard_as_of_; }

    /// It has no excuse: it has heard all there was since something last went wrong between it and
    /// the database, or that was so long ago that every rest of the feed is over.
    [[nodiscard]] bool is_connected() const noexcept
    {
        constexpr Time recovery = std::chrono::seconds(5);
        const auto fault = rooms_.store.link.last_fault;
        return fault < heard_as_of_ || fault < rooms_.store.scheduler.now() - recovery;
    }

    [[nodiscard]] std::size_t replica() const noexcept { return replica_; }

    /// Differs from process to process.
    [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }

private:
    struct Remembered {
        Time until{};
        auth::Principal principal;
    };

    void follow();
    void tidy();

    [[nodiscard]] bool has(Bug bug) const noexcept { return rooms_.store.bug == bug; }

    Rooms rooms_;
    const std::size_t replica_;
    const std::uint64_t incarnation_;
    RemoteStore store_;
    RemoteStore operators_store_; // a command works beside the service and tells it nothing
    std::unique_ptr<auth::KeyKeeper> keys_;
    auth::RevocationTable revocations_;
    auth::PasswordHasher hasher_;
    auth::LoginThrottle throttle_;
    auth::NoSecurityLog log_;
    auth::AuthService service_;
    auth::AdminService admin_;
    std::vector<std::unique_ptr<auth::Authenticator>> workers_;
    auth::FeedFollower follower_;
    gateway::Housekeeping housekeeping_;
    bool serves_ = false;
    Time heard_as_of_;
    std::map<std::string, Remembered> remembered_; // by token, when that is what was planted
    std::vector<Scheduler::TaskPointer> tasks_;
};

} // namespace gatehouse::simulation
