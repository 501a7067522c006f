// What the oracle holds against pairs that are handed out once more because nobody used them.
#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

void Oracle::used(const Process& process, const std::string& token)
{
    uses_[token].try_emplace(process.holder(), rooms_.scheduler.now());
}

bool Oracle::was_used(const AccessToken& token) const
{
    return uses_.contains(token.text);
}

void Oracle::check_lost_answer(const Process& process, const KnownSession& session,
                               const auth::RefreshClaims& presented, auth::Generation brought,
                               Time began)
{
    const auto next = presented.generation + 1;
    if (brought != next) {
        violated(Invariant::replay_brings_nothing,
                 fmt::format("generation {} of {} brought generation {} long after",
                             presented.generation, session.label, brought));
    }
    const auto marked = rooms_.database.marked(presented.session_id, next);
    if (marked && *marked < began) {
        violated(
            Invariant::used_pair_is_spent,
            fmt::format("generation {} of {} came again, known to be used", next, session.label));
    }
    for (const auto& token : access_tokens_) {
        if (token.session != presented.session_id || token.generation != next) continue;
        const auto uses = uses_.find(token.text);
        if (uses == uses_.end()) continue;
        const auto here = uses->second.find(process.holder());
        if (here != uses->second.end() && here->second < began) {
            violated(Invariant::used_pair_is_spent,
                     fmt::format("generation {} of {} came again from where it was used", next,
                                 session.label));
        }
    }
}

/// The session was ended for theft. Whoever presented the token before the newest one may have
/// missed the answer, unless somebody used it.
void Oracle::check_refused_loss(const auth::RefreshClaims& presented)
{
    if (rooms_.settings.refresh.lost_answer != config::LostAnswer::repeat) return;
    const auto stored = rooms_.database.true_session(presented.session_id);
    if (!stored || stored->generation != presented.generation + 1) return;
    const bool was_in_use = std::ranges::any_of(access_tokens_, [&](const auto& token) {
        return token.session == presented.session_id && token.generation == stored->generation &&
               was_used(token);
    });
    if (!was_in_use) {
        violated(Invariant::lost_answer_comes_again,
                 fmt::format("generation {} of {} was never used, and asking again was theft",
                             stored->generation, label_of(presented.session_id)));
    }
}

/// Whatever a process that lives saw in use, the store has been told.
void Oracle::check_uses(const std::set<std::string>& holders)
{
    if (rooms_.settings.refresh.lost_answer != config::LostAnswer::repeat) return;
    constexpr Time enough = 2s;
    for (const auto& token : access_tokens_) {
        const auto uses = uses_.find(token.text);
        if (uses == uses_.end()) continue;
        const auto stored = rooms_.database.true_session(token.session);
        if (!stored || stored->ended_at || stored->unseen != token.generation) continue;
        for (const auto& [holder, when] : uses->second) {
            if (holders.contains(holder) && when + enough < rooms_.scheduler.now()) {
                violated(Invariant::used_pair_is_spent,
                         fmt::format("generation {} of {} was used, and the store does not know",
                                     token.generation, label_of(token.session)));
            }
        }
    }
}

} // namespace gatehouse::simulation
