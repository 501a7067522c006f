#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/revocation/confirmation.hpp"
#include "auth/revocation/feed_follower.hpp"
#include "auth/revocation/presence.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/service/admin_service.hpp"
#include "auth/service/auth_service.hpp"
#include "auth/throttle/login_throttle.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "gateway/runtime/housekeeping.hpp"
#include "gateway/runtime/seen_writer.hpp"
#include "tests/simulation/refreshes.hpp"
#include "tests/simulation/remote_store.hpp"

#include <map>
#include <memory>
#include <optional>
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

/// Keys are in the store, or else secrets that never change.
[[nodiscard]] bool shares_keys(const config::TokenSettings& tokens);
[[nodiscard]] std::unique_ptr<auth::KeyPlace>
place_of_keys(const config::TokenSettings& tokens, auth::KeptKeys& store, const auth::Clock& clock);

/// One gateway process, from its start to its crash or its end: the product's own parts over the
/// simulated database, with what gateway/runtime does around them (read the keys, catch up, then
/// serve; follow; tidy; look after the keys).
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

    /// It has heard the feed of late, where logouts are confirmed; else it says 503.
    [[nodiscard]] bool may_believe() const;
    /// What a worker makes of a bearer token.
    [[nodiscard]] Result<auth::Principal, auth::TokenError> identify(const std::string& token);

    /// Overlapping refreshes with one token share one call of `lead`, which owns what it needs.
    [[nodiscard]] Refreshes::Outcome refresh(const auth::RefreshClaims& token,
                                             const Refreshes::Lead& lead);

    /// Where logouts are confirmed: waits until every replica refuses what was ended until now.
    void confirm();

    /// An operator asks for new keys, in a command of its own.
    [[nodiscard]] bool rotate_keys();

    /// Ends in order, from inside a fiber of its own: serves nobody, then tells the store.
    void leave();

    /// Once it serves.
    [[nodiscard]] auth::AuthService& service() noexcept { return *service_; }

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

    /// When something last went wrong between it and the database.
    [[nodiscard]] Time last_fault() const noexcept { return rooms_.store.link.last_fault; }

    /// For how long it has served.
    [[nodiscard]] Time age() const noexcept { return rooms_.store.scheduler.now() - served_since_; }

    /// Its name among those that want a lease.
    [[nodiscard]] const std::string& holder() const noexcept { return holder_; }

    [[nodiscard]] std::size_t replica() const noexcept { return replica_; }

    /// Differs from process to process.
    [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }

private:
    struct Remembered {
        Time until{};
        auth::Principal principal;
    };

    /// Fibers take turns here: between threads a mutex sees to that.
    template <class Call>
    std::invoke_result_t<Call&, auth::KeyKeeper&> with_keys(Call call);

    [[nodiscard]] std::unique_ptr<auth::KeyPlace> key_place(RemoteStore& store) const;
    void open();
    void catch_up();
    [[nodiscard]] bool hear_and_wait();
    [[nodiscard]] bool is_unreported() const;
    [[nodiscard]] bool report();
    void follow();
    void tidy();
    void tend_keys();
    void tell_of_uses();

    [[nodiscard]] bool has(Bug bug) const noexcept { return rooms_.store.bug == bug; }

    Rooms rooms_;
    const config::TokenSettings tokens_; // the settings', but for what is planted
    const std::size_t replica_;
    const std::uint64_t incarnation_;
    const std::string holder_;
    RemoteStore store_;
    RemoteStore operators_store_; // a command works beside the service and tells it nothing
    auth::RevocationTable revocations_;
    auth::PasswordHasher hasher_;
    auth::LoginThrottle throttle_;
    auth::NoSecurityLog log_;
    std::unique_ptr<auth::KeyKeeper> keys_; // once they could be read
    std::unique_ptr<auth::AuthService> service_;
    auth::AdminService admin_;
    std::vector<std::unique_ptr<auth::Authenticator>> workers_;
    std::optional<auth::Presence> presence_; // where logouts are confirmed, as the next one
    std::optional<auth::Confirmation> confirmation_;
    auth::FeedFollower follower_;
    auth::LogoutTerms logout_terms_;
    gateway::Housekeeping housekeeping_;
    std::optional<auth::SeenPairs> seen_; // where a lost answer may be fetched again
    std::optional<gateway::SeenWriter> seen_writer_;
    bool tells_of_uses_ = false;
    bool keys_are_busy_ = false;
    bool serves_ = false;
    bool leaves_ = false;
    Time served_since_{};
    Time heard_as_of_;
    std::map<std::string, Remembered> remembered_; // by token, when that is what was planted
    std::map<Refreshes::Key, std::pair<Time, Refreshes::Outcome>> answered_; // likewise
    std::vector<Scheduler::TaskPointer> tasks_;
    Refreshes refreshes_;
};

} // namespace gatehouse::simulation
