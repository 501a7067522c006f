#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::simulation {

using namespace std::chrono_literals;
using Kind = auth::AuthError::Kind;

Oracle::Oracle(Rooms rooms)
    : rooms_(rooms),
      clock_(rooms.scheduler, 0s),
      keys_(place_of_keys(rooms.settings.tokens, rooms.database, clock_)),
      verifier_(rooms.settings.tokens)
{
}

auth::Seconds Oracle::true_seconds() const
{
    return clock_.seconds();
}

bool Account::was_deleted(Time moment) const
{
    return std::ranges::any_of(deletions, [&](const auto& each) {
        return each.acknowledged && *each.acknowledged < moment;
    });
}

void Oracle::violated(Invariant invariant, std::string what)
{
    if (!violation_) violation_ = {invariant, std::move(what), rooms_.scheduler.now()};
}

namespace {

/// A token without its key's name and signature: keys may have been rotated since it was made.
std::string_view claims_of(std::string_view token)
{
    token.remove_prefix(token.find('.'));
    return token.substr(0, token.rfind('.'));
}

} // namespace

std::string Oracle::label_of(const std::string& session) const
{
    const auto known = sessions_.find(session);
    return known == sessions_.end() ? "a session nobody was told of" : known->second.label;
}

const Try<bool>* Oracle::certainly_blocked(const Account& account, Time before) const
{
    const auto* last = certain(account.blocks, before);
    return last != nullptr && last->value ? last : nullptr;
}

// ---- tokens that are handed out ---------------------------------------------------------------

void Oracle::remember(KnownSession& session, const auth::Grant& grant,
                      const auth::RefreshClaims& refresh)
{
    const auto& text = grant.refresh_token.reveal();
    const auto [known, is_new] = session.refresh_tokens.try_emplace(refresh.generation, text);
    if (!is_new && claims_of(known->second) != claims_of(text)) {
        violated(Invariant::one_live_generation,
                 fmt::format("two different refresh tokens of {}, generation {}", session.label,
                             refresh.generation));
    }
    const auto access = verifier_.access(ring(), grant.access_token.reveal(), true_seconds());
    if (!access) {
        violated(access.error() == auth::TokenError::unknown_key ? Invariant::keys_are_known
                                                                 : Invariant::tokens_say_the_truth,
                 "an access token nobody would take");
        return;
    }
    if (access->session_id != refresh.session_id || access->user_id != refresh.user_id ||
        access->user_id != session.account->id || access->session_id != grant.session_id) {
        violated(Invariant::tokens_say_the_truth, "the two tokens of a pair are not of one login");
    }
    access_tokens_.push_back({std::string(grant.access_token.reveal()), access->session_id,
                              refresh.generation, access->expires_at});
}

void Oracle::granted_login(Account& account, std::size_t password, Time began,
                           const auth::Grant& grant)
{
    const auto refresh =
        verifier_.refresh_even_expired(ring(), grant.refresh_token.reveal(), true_seconds());
    if (!refresh) {
        violated(refresh.error() == auth::TokenError::unknown_key ? Invariant::keys_are_known
                                                                  : Invariant::tokens_say_the_truth,
                 "a refresh token nobody would take");
        return;
    }
    if (account.id.empty()) account.id = grant.user.id;
    if (account.was_deleted(began)) {
        violated(Invariant::deleted_stays_deleted,
                 fmt::format("{} logged in, deleted", account.name));
    }
    if (!is_possible(account.passwords, password, began)) {
        violated(Invariant::old_password_opens_nothing,
                 fmt::format("{} logged in with a password that had been replaced", account.name));
    }
    const auto* blocked = certainly_blocked(account, began);
    if (blocked != nullptr) {
        violated(Invariant::blocked_stays_blocked,
                 fmt::format("{} logged in, blocked", account.name));
    }
    const auto label = fmt::format("s{}", sessions_.size() + 1);
    const auto [known, is_new] = sessions_.try_emplace(
        grant.session_id,
        KnownSession{label, &account, rooms_.scheduler.now(), password, {}, {}, {}, {}, false});
    if (!is_new || refresh->generation != 1) {
        violated(Invariant::one_session_from_one,
                 fmt::format("a login of {} became {}", account.name, known->second.label));
    }
    remember(known->second, grant, *refresh);
    check_room(account);
}

void Oracle::refused_login(Account& account, std::size_t password, Time began,
                           auth::AuthError error)
{
    if (error.kind != Kind::invalid_credentials || !account.deletions.empty()) return;
    const auto* holds = certain(account.passwords, began);
    if (holds == &account.passwords[password]) {
        violated(Invariant::nothing_acknowledged_lost,
                 fmt::format("{} cannot log in with the right password", account.name));
    }
}

void Oracle::refused_registration(const Account& account, const auth::AuthError& error)
{
    // Nobody else wants this name, and whoever had it before is gone.
    if (error.kind == Kind::name_taken && account.passwords.size() == 1) {
        violated(Invariant::deleted_stays_deleted,
                 fmt::format("{} is taken although nobody has it", account.name));
    }
}

void Oracle::granted_refresh(const Process& process, const auth::RefreshClaims& presented,
                             Time began, const auth::Grant& grant)
{
    const auto fresh =
        verifier_.refresh_even_expired(ring(), grant.refresh_token.reveal(), true_seconds());
    const auto known = sessions_.find(presented.session_id);
    if (known == sessions_.end()) return; // its login was never answered
    auto& session = known->second;
    if (!fresh || fresh->session_id != presented.session_id) {
        violated(Invariant::one_session_from_one,
                 fmt::format("a refresh of {} brought another session", session.label));
        return;
    }
    if (session.ended && *session.ended < began) {
        violated(Invariant::ended_stays_ended,
                 fmt::format("{} was refreshed after its end", session.label));
    }
    if (certainly_blocked(*session.account, began) != nullptr) {
        violated(
            Invariant::blocked_stays_blocked,
            fmt::format("{} was refreshed, {} is blocked", session.label, session.account->name));
    }
    if (session.account->was_deleted(began)) {
        violated(
            Invariant::deleted_stays_deleted,
            fmt::format("{} was refreshed, {} is deleted", session.label, session.account->name));
    }
    const auto next = presented.generation + 1;
    const bool repeats = rooms_.settings.refresh.on_straggler == config::OnStraggler::repeat;
    if (repeats ? fresh->generation < next : fresh->generation != next) {
        violated(Invariant::replay_brings_nothing,
                 fmt::format("generation {} of {} was exchanged for generation {}",
                             presented.generation, session.label, fresh->generation));
    }
    const auto replaced = session.superseded.find(presented.generation);
    const Time window = rooms_.settings.refresh.straggler_window + 2 * SkewedClock::most;
    const bool is_late = replaced != session.superseded.end() && began - replaced->second > window;
    const bool is_twice = !repeats && session.refresh_tokens.contains(next);
    if (rooms_.settings.refresh.lost_answer == config::LostAnswer::repeat) {
        if (is_late || is_twice) {
            check_lost_answer(process, session, presented, fresh->generation, began);
        }
    } else if (is_twice) {
        violated(Invariant::one_live_generation,
                 fmt::format("generation {} of {} was exchanged twice", presented.generation,
                             session.label));
    } else if (is_late) {
        violated(Invariant::replay_brings_nothing,
                 fmt::format("generation {} of {} brought tokens long after it was exchanged",
                             presented.generation, session.label));
    }
    session.superseded.try_emplace(presented.generation, rooms_.scheduler.now());
    remember(session, grant, *fresh);
}

void Oracle::refused_refresh(Process& process, const auth::RefreshClaims& presented,
                             const auth::AuthError& error)
{
    if (error.kind == Kind::refresh_token_reused && error.session_over) {
        check_refused_loss(presented);
        ended(process, presented.session_id); // stolen: it says that it ended the session
    }
    const bool denies = error.kind == Kind::refresh_token_revoked ||
                        error.kind == Kind::refresh_token_reused ||
                        error.kind == Kind::refresh_token_invalid;
    const auto stored = rooms_.database.true_session(presented.session_id);
    if (!denies || !stored || stored->ended_at) return;
    // It is live now, so it was live all the time; generations only grow.
    if (error.kind == Kind::refresh_token_revoked || stored->generation == presented.generation) {
        violated(Invariant::live_stays_live,
                 fmt::format("{} lives, and its newest token was refused",
                             label_of(presented.session_id)));
    }
}

} // namespace gatehouse::simulation
