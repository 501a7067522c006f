// What the oracle holds against tokens that come back, ends of sessions, and the end of a run.
#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using Kind = auth::AuthError::Kind;

namespace {

/// A logout reaches every connected replica within this (docs/DESIGN.md, promise 3).
constexpr Time feed_bound = 1s;

/// Any replica's clock is off by less.
constexpr auto skew = std::chrono::ceil<std::chrono::seconds>(SkewedClock::most);

} // namespace

// ---- tokens that are presented ----------------------------------------------------------------

void Oracle::accepted(Process& process, const AccessToken& token, const auth::Principal& principal)
{
    used(process, token.text);
    auto& session = sessions_.at(token.session);
    const auto& account = *session.account;
    if (principal.session_id != token.session || principal.user_id != account.id) {
        violated(Invariant::tokens_say_the_truth,
                 fmt::format("a token of {} speaks for somebody else", session.label));
    }
    if (process.seconds() >= token.expires_at) {
        violated(Invariant::within_lifetime,
                 fmt::format("a token of {} was taken after its end", session.label));
    }
    if (account.was_deleted(process.heard_as_of())) {
        violated(Invariant::deleted_stays_deleted,
                 fmt::format("{} was taken, {} is deleted", session.label, account.name));
    }
    if (session.confirmed) {
        violated(Invariant::confirmed_everywhere,
                 fmt::format("{} was taken by replica {} after its confirmed end", session.label,
                             process.replica() + 1));
    }
    const auto ended = session.ended;
    if (ended && session.ended_at.contains(process.incarnation())) {
        violated(Invariant::ended_here_at_once,
                 fmt::format("{} was taken by the process that ended it", session.label));
    }
    if (ended && *ended < process.heard_as_of()) {
        violated(Invariant::ended_stays_ended,
                 fmt::format("{} was taken after its end, which replica {} has heard of",
                             session.label, process.replica() + 1));
    }
    const auto now = rooms_.scheduler.now();
    if (ended && now - *ended > feed_bound && process.is_connected()) {
        violated(Invariant::feed_bound, fmt::format("{} was taken {} ms after its end",
                                                    session.label, (now - *ended) / 1ms));
    }
    if (certainly_blocked(account, process.heard_as_of()) != nullptr) {
        violated(Invariant::blocked_stays_blocked,
                 fmt::format("{} was taken, {} is blocked", session.label, account.name));
    }
    check_roles(process, session, principal);
}

void Oracle::check_roles(Process& process, const KnownSession& session,
                         const auth::Principal& principal)
{
    const auto* roles = certain(session.account->roles, process.heard_as_of());
    if (roles != nullptr && roles->value != principal.roles) {
        violated(Invariant::roles_follow, fmt::format("{} was taken with roles {} no longer has",
                                                      session.label, session.account->name));
    }
}

void Oracle::refused(Process& process, const AccessToken& token, auth::TokenError error)
{
    if (error == auth::TokenError::revoked) {
        check_false_refusal(process, token);
    } else if (error == auth::TokenError::unknown_key) {
        // Whoever cannot ask the store cannot know what others sign with since then.
        if (process.is_connected()) {
            violated(Invariant::keys_are_known,
                     fmt::format("replica {} does not know the key of a good token",
                                 process.replica() + 1));
        }
    } else if (error != auth::TokenError::expired) {
        violated(Invariant::live_stays_live, "a good token was not even read");
    } else if (process.seconds() < token.expires_at) {
        violated(Invariant::live_stays_live, "a token was called expired before its time");
    }
}

void Oracle::check_false_refusal(Process& process, const AccessToken& token)
{
    const auto stored = rooms_.database.true_session(token.session);
    if (!stored || stored->ended_at) return;
    const auto user = rooms_.database.true_user(stored->user_id);
    if (!user || user->blocked) return;
    const auto unblocked = rooms_.database.last_unblocked(stored->user_id);
    if (unblocked && *unblocked >= process.heard_as_of()) return; // it has not heard of that yet
    violated(Invariant::live_stays_live,
             fmt::format("{} lives, and replica {} refused it", label_of(token.session),
                         process.replica() + 1));
}

// ---- ends -------------------------------------------------------------------------------------

void Oracle::ended(Process& process, const std::string& session)
{
    const auto known = sessions_.find(session);
    if (known == sessions_.end()) return;
    if (!known->second.ended) known->second.ended = rooms_.scheduler.now();
    known->second.ended_at.insert(process.incarnation());
    check_here(process, session);
}

void Oracle::ended_all(const Account& account, std::string_view keep, Time began)
{
    for (auto& [id, session] : sessions_) {
        if (session.account != &account || id == keep || session.granted >= began) continue;
        if (!session.ended) session.ended = rooms_.scheduler.now();
    }
}

void Oracle::answered(Process& process)
{
    for (const auto& session : process.take_ended()) check_here(process, session);
}

void Oracle::check_here(Process& process, const std::string& session)
{
    for (const auto& token : access_tokens_) {
        if (token.session == session && process.may_believe() && process.identify(token.text)) {
            violated(
                Invariant::ended_here_at_once,
                fmt::format("{} is taken by the process that just ended it", label_of(session)));
        }
    }
}

void Oracle::changed_password(const Account& account, std::size_t password, std::string keep)
{
    kept_[{&account, password}] = std::move(keep);
}

void Oracle::check_room(const Account& account)
{
    const auto most = rooms_.settings.sessions.max_per_user;
    if (most == 0) return;
    // Whoever was made room for counted by a clock that may have been ahead.
    const auto live = rooms_.database.list_sessions(account.id, true_seconds() + skew);
    if (live && live->size() > most) {
        violated(Invariant::within_room, fmt::format("{} has {} sessions, {} are allowed",
                                                     account.name, live->size(), most));
    }
}

// ---- when all is over -------------------------------------------------------------------------

void Oracle::check_the_end(std::deque<Account>& accounts, const std::set<std::string>& holders)
{
    for (auto& account : accounts) check_account(account);
    for (const auto& [id, session] : sessions_) check_session(id, session);
    check_who_tidied(holders);
    check_uses(holders);
}

void Oracle::check_account(Account& account)
{
    if (account.id.empty()) return;
    const auto now = rooms_.scheduler.now();
    const auto user = rooms_.database.true_user(account.id);
    if (user && account.was_deleted(now)) {
        violated(Invariant::deleted_stays_deleted, fmt::format("{} is back", account.name));
    }
    if (!user && !account.deletions.empty()) return;
    if (!user) {
        violated(Invariant::nothing_acknowledged_lost,
                 fmt::format("{}'s registration is gone", account.name));
        return;
    }
    if (const auto* last = certain(account.blocks, now); last != nullptr) {
        if (user->blocked != last->value) {
            violated(last->value ? Invariant::blocked_stays_blocked
                                 : Invariant::nothing_acknowledged_lost,
                     fmt::format("{} is {}blocked", account.name, user->blocked ? "" : "not "));
        }
    }
    const auto* roles = certain(account.roles, now);
    if (roles != nullptr && user->roles != roles->value) {
        violated(Invariant::nothing_acknowledged_lost,
                 fmt::format("{} has not the roles that were set", account.name));
    }
    const auto live = rooms_.database.list_sessions(account.id, auth::Seconds{});
    if (user->blocked && live && !live->empty()) {
        violated(Invariant::blocked_stays_blocked,
                 fmt::format("{} is blocked and has a live session", account.name));
    }
}

void Oracle::check_session(const std::string& id, const KnownSession& session)
{
    const auto stored = rooms_.database.true_session(id);
    if (!stored) {
        // Only what ended or expired is forgotten; nothing expires within a run.
        if (!session.ended) {
            violated(Invariant::nothing_acknowledged_lost,
                     fmt::format("{} is gone", session.label));
        }
        return;
    }
    if (session.ended && !stored->ended_at) {
        violated(Invariant::nothing_acknowledged_lost,
                 fmt::format("{} lives after its acknowledged end", session.label));
    }
    if (!session.refresh_tokens.empty() &&
        stored->generation < session.refresh_tokens.rbegin()->first) {
        violated(Invariant::nothing_acknowledged_lost,
                 fmt::format("{} is back at generation {}", session.label, stored->generation));
    }
    const auto& passwords = session.account->passwords;
    for (std::size_t later = 0; later < passwords.size(); ++later) {
        if (!passwords[later].acknowledged ||
            passwords[later].began <= passwords[session.password].until()) {
            continue;
        }
        const auto kept = kept_.find({session.account, later});
        if ((kept == kept_.end() || kept->second != id) && !stored->ended_at) {
            violated(
                Invariant::old_password_opens_nothing,
                fmt::format("{} lives, opened with a password that was replaced", session.label));
        }
    }
}

} // namespace gatehouse::simulation
