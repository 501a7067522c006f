// What replicas owe one another: answers that agree, keys that all can read, news within the lease,
// and work that one of them does.
#include "auth/tokens/key_schedule.hpp"
#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::simulation {

using namespace std::chrono_literals;

// ---- refreshes that overlap -------------------------------------------------------------------

void Oracle::answered_refresh(const Process& process, const auth::RefreshClaims& presented,
                              const Presentation& presentation)
{
    auto& others =
        presentations_[{process.incarnation(), presented.session_id, presented.generation}];
    const auto overlaps = [&](const Presentation& other) {
        return other.began < presentation.answered && presentation.began < other.answered;
    };
    for (const auto& other : others) {
        if (overlaps(other) && other.answer != presentation.answer) {
            violated(Invariant::overlapping_agree,
                     fmt::format("generation {} of {}, presented twice at replica {} at the same "
                                 "time, was answered in two ways",
                                 presented.generation, label_of(presented.session_id),
                                 process.replica() + 1));
        }
    }
    const bool has_leader = presentation.led || std::ranges::any_of(others, [&](const auto& other) {
                                return other.led && presentation.began <= other.answered;
                            });
    if (!has_leader) {
        violated(Invariant::overlapping_agree,
                 fmt::format("generation {} of {} got an answer for which nobody asked the store",
                             presented.generation, label_of(presented.session_id)));
    }
    others.push_back(presentation);
}

// ---- keys -------------------------------------------------------------------------------------

const auth::KeyRing& Oracle::ring()
{
    if (ring_ && !shares_keys(rooms_.settings.tokens)) return *ring_;
    auto kept = keys_->read();
    if (!kept || !*kept) {
        if (!ring_) {
            violated(Invariant::keys_are_known, "a token was signed with keys of nobody");
            auth::KeyTerms terms;
            terms.algorithm = rooms_.settings.tokens.algorithm;
            auto others = first_keys(terms, true_seconds());
            ring_.emplace(std::move(others.access), std::move(others.refresh), 1);
        }
    } else if (!known_keys_ || !same_ring(*known_keys_, **kept)) {
        known_keys_ = **std::move(kept);
        ring_.emplace(known_keys_->access, known_keys_->refresh, 1);
    }
    return *ring_;
}

void Oracle::unread(const Process& process, const auth::AuthError& error)
{
    if (error.kind == auth::AuthError::Kind::refresh_token_expired) {
        violated(Invariant::live_stays_live, "a refresh token was called expired before its time");
    } else if (process.is_connected()) {
        violated(Invariant::keys_are_known,
                 fmt::format("replica {} cannot read a good refresh token", process.replica() + 1));
    }
}

// ---- what is confirmed ------------------------------------------------------------------------

void Oracle::confirmed(const std::string& session)
{
    if (rooms_.settings.logout != config::Logout::confirmed) return;
    const auto known = sessions_.find(session);
    if (known != sessions_.end()) known->second.confirmed = true;
}

void Oracle::confirmed_all(const Account& account, std::string_view keep, Time began)
{
    for (const auto& [id, session] : sessions_) {
        if (session.account == &account && id != keep && session.granted < began) confirmed(id);
    }
}

void Oracle::waited_for_confirmation(Time span, bool all_is_well)
{
    const Time lease = rooms_.settings.feed_lease;
    // The last look may take as long as a call can, and so may striking out each silent replica.
    const Time longest = all_is_well ? lease / 2 : 2 * lease + 10 * RemoteStore::patience;
    if (span > longest) {
        violated(Invariant::confirmed_in_time,
                 fmt::format("the end of a session was confirmed only after {} ms", span / 1ms));
    }
}

void Oracle::refused_without_lease(const Process& process)
{
    constexpr Time until_then = 5s;
    const auto quiet = rooms_.scheduler.now() - process.last_fault();
    if (process.age() > until_then && quiet > until_then) {
        violated(Invariant::lease_is_kept,
                 fmt::format("replica {} has no lease, and nothing is in its way",
                             process.replica() + 1));
    }
}

// ---- what one does for all --------------------------------------------------------------------

void Oracle::check_who_tidied(const std::set<std::string>& holders)
{
    for (const auto& each : rooms_.database.handovers()) {
        // Whoever took it read its end by a clock that may have been ahead.
        const auto then = SkewedClock(rooms_.scheduler, each.when - rooms_.scheduler.now()).now();
        if (each.until > then + std::chrono::ceil<std::chrono::milliseconds>(SkewedClock::most)) {
            violated(Invariant::one_tidies,
                     fmt::format("{} took the lease of {} before its end", each.to, each.from));
        }
    }
    const auto leases = rooms_.database.list_leases();
    for (const auto& lease : *leases) {
        if (!holders.contains(lease.holder)) {
            violated(Invariant::one_tidies,
                     fmt::format("{} is left to {}, which is dead", lease.name, lease.holder));
        }
    }
    if (leases->empty()) violated(Invariant::one_tidies, "nobody ever tidied");
}

} // namespace gatehouse::simulation
