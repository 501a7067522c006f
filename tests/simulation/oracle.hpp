#pragma once

#include "auth/service/requests.hpp"
#include "auth/tokens/key_place.hpp"
#include "auth/tokens/token_verifier.hpp"
#include "tests/simulation/database.hpp"
#include "tests/simulation/invariants.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/tries.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace gatehouse::simulation {

struct Violation {
    Invariant invariant{};
    std::string what;
    Time when{};
};

/// One life of an account: after a deletion the name may begin another.
struct Account {
    std::string name; // also its label
    std::string id;   // once registered
    std::vector<Try<std::string>> passwords;
    std::vector<Try<bool>> blocks; // true: block, false: unblock
    std::vector<Try<std::vector<std::string>>> roles;
    std::vector<Try<bool>> deletions;

    /// Since before `moment`, beyond doubt.
    [[nodiscard]] bool was_deleted(Time moment) const;
};

/// One access token that was handed out.
struct AccessToken {
    std::string text;
    std::string session;
    auth::Generation generation = 0;
    auth::Seconds expires_at{};
};

/// One session of which a client has heard.
struct KnownSession {
    std::string label;
    Account* account = nullptr;
    Time granted{};
    std::size_t password = 0; // the try whose password opened it
    std::map<auth::Generation, std::string> refresh_tokens;
    std::map<auth::Generation, Time> superseded; // when its successor was handed out
    std::optional<Time> ended;                   // acknowledged
    std::set<std::uint64_t> ended_at;            // the processes that said so
    bool confirmed = false;                      // to whoever ended it: nobody takes it any more
};

/// How one presentation of a refresh token came out at one process.
struct Presentation {
    Time began{};
    Time answered{};
    bool led = false; // it asked the store itself
    std::string answer;
};

/// Watches every answer and knows what may not come out. It believes only what was acknowledged;
/// where a call was not answered it allows both outcomes, for as long as the call may take effect.
class Oracle {
public:
    struct Rooms {
        const config::Settings& settings;
        const Scheduler& scheduler;
        Database& database;
    };

    explicit Oracle(Rooms rooms);

    [[nodiscard]] const std::optional<Violation>& violation() const noexcept { return violation_; }

    // --- What was asked and answered; called by the process, at the moment of its answer --------

    /// A registration or a login with `account.passwords[password]` that began at `began`.
    void granted_login(Account& account, std::size_t password, Time began,
                       const auth::Grant& grant);
    void refused_login(Account& account, std::size_t password, Time began, auth::AuthError error);
    void refused_registration(const Account& account, const auth::AuthError& error);
    void granted_refresh(const Process& process, const auth::RefreshClaims& presented, Time began,
                         const auth::Grant& grant);
    void refused_refresh(Process& process, const auth::RefreshClaims& presented,
                         const auth::AuthError& error);
    /// Either of the two, for all that were given its answer. `led`: it is the one that asked.
    void answered_refresh(const Process& process, const auth::RefreshClaims& presented,
                          const Presentation& presentation);
    /// A refresh token that was handed out and could not be read here.
    void unread(const Process& process, const auth::AuthError& error);
    /// A worker took this access token, whatever came of the request.
    void used(const Process& process, const std::string& token);
    void accepted(Process& process, const AccessToken& token, const auth::Principal& principal);
    void refused(Process& process, const AccessToken& token, auth::TokenError error);
    /// It does not say, for it has not heard the feed of late.
    void refused_without_lease(const Process& process);
    /// A sign-out of one session.
    void ended(Process& process, const std::string& session);
    /// Whatever ended all sessions of an account but one: those granted before it began.
    void ended_all(const Account& account, std::string_view keep, Time began);
    /// The same, once it is confirmed.
    void confirmed(const std::string& session);
    void confirmed_all(const Account& account, std::string_view keep, Time began);
    void waited_for_confirmation(Time span, bool all_is_well);
    /// Any call of the auth service is over: what its store calls ended is refused here.
    void answered(Process& process);
    /// The password is another one since this try; one session may have been kept.
    void changed_password(const Account& account, std::size_t password, std::string keep);

    /// When the run is over, all messages have come to an end and every link is whole.
    /// `holders`: the names of the processes that live.
    void check_the_end(std::deque<Account>& accounts, const std::set<std::string>& holders);

    [[nodiscard]] std::vector<AccessToken>& access_tokens() noexcept { return access_tokens_; }

    [[nodiscard]] std::map<std::string, KnownSession>& sessions() noexcept { return sessions_; }

    /// "s3": ids are random and long.
    [[nodiscard]] std::string label_of(const std::string& session) const;

private:
    [[nodiscard]] auth::Seconds true_seconds() const;
    /// Made of the keys that are in the store now.
    [[nodiscard]] const auth::KeyRing& ring();
    void violated(Invariant invariant, std::string what);
    void remember(KnownSession& session, const auth::Grant& grant,
                  const auth::RefreshClaims& refresh);
    void check_here(Process& process, const std::string& session);
    /// What only a lost answer excuses: an exchanged token brought its pair once more.
    void check_lost_answer(const Process& process, const KnownSession& session,
                           const auth::RefreshClaims& presented, auth::Generation brought,
                           Time began);
    void check_refused_loss(const auth::RefreshClaims& presented);
    void check_uses(const std::set<std::string>& holders);
    [[nodiscard]] bool was_used(const AccessToken& token) const;
    void check_room(const Account& account);
    void check_roles(Process& process, const KnownSession& session,
                     const auth::Principal& principal);
    void check_false_refusal(Process& process, const AccessToken& token);
    void check_account(Account& account);
    void check_who_tidied(const std::set<std::string>& holders);
    void check_session(const std::string& id, const KnownSession& session);
    [[nodiscard]] const Try<bool>* certainly_blocked(const Account& account, Time before) const;

    Rooms rooms_;
    SkewedClock clock_; // it runs true
    std::unique_ptr<auth::KeyPlace> keys_;
    std::optional<auth::KeySet> known_keys_;
    std::optional<auth::KeyRing> ring_;
    auth::TokenVerifier verifier_;
    std::optional<Violation> violation_;
    std::map<std::string, KnownSession> sessions_;
    std::vector<AccessToken> access_tokens_;
    /// By access token: when each process first took it, by its name.
    std::map<std::string, std::map<std::string, Time>> uses_;
    std::map<std::pair<const Account*, std::size_t>, std::string> kept_; // by account and try
    /// By process, session and generation.
    std::map<std::tuple<std::uint64_t, std::string, auth::Generation>, std::vector<Presentation>>
        presentations_;
};

} // namespace gatehouse::simulation
