#include "gateway/upstream/upstream_group.hpp"

#include "auth/jose/algorithm.hpp"
#include "gateway/net/timers.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <utility>

namespace gatehouse::gateway {

std::string sticky_mark(std::string_view upstream, std::string_view endpoint)
{
    const auto name = fmt::format("{} {}", upstream, endpoint);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    (void)EVP_Digest(name.data(), name.size(), digest.data(), &size, auth::jose::sha256(), nullptr);
    constexpr std::size_t enough = 8; // bytes: nobody has so many endpoints that two would meet
    std::string mark;
    for (std::size_t i = 0; i < enough; ++i) mark += fmt::format("{:02x}", digest[i]);
    return mark;
}

UpstreamGroup::UpstreamGroup(std::vector<GroupMember> members, Spreading spreading,
                             std::size_t start)
    : spreading_(std::move(spreading)),
      choices_(start)
{
    replace(std::move(members));
    if (members_.empty()) return;
    look_at_endpoints({}); // what turns save up is counted in the weights of now
    for (auto turns = start % members_.size(); turns != 0; --turns) {
        (void)next_in_turn(candidates_);
    }
}

void UpstreamGroup::replace(std::vector<GroupMember> members)
{
    std::vector<Candidate> candidates(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        candidates[i].weight = members[i].weight;
        candidates[i].name = hash_of(members[i].pool->target().authority);
    }
    members_ = std::move(members);
    candidates_ = std::move(candidates);
}

std::string_view UpstreamGroup::mark_of(const EndpointPool& pool) const noexcept
{
    for (const auto& member : members_) {
        if (member.pool == &pool) return member.mark;
    }
    return {};
}

void UpstreamGroup::add_to(std::set<const EndpointPool*>& used) const
{
    for (const auto& member : members_) used.insert(member.pool);
}

void UpstreamGroup::look_at_endpoints(const EndpointWish& wish) noexcept
{
    const bool grows = spreading_.slow_start.count() != 0;
    const auto now = grows ? Timers::now() : TimerWheel::Time{};
    for (std::size_t i = 0; i < members_.size(); ++i) {
        auto& [pool, weight, mark, was_out] = members_[i];
        auto& candidate = candidates_[i];
        const bool fit = pool->is_fit();
        candidate.usable = fit && pool->has_room() && !wish.tried.contains(*pool);
        candidate.in_flight = pool->facts.in_flight;
        if (!grows) continue;
        if (std::exchange(was_out, !fit) && fit) pool->grow_anew();
        candidate.weight = grown_weight(weight, now - pool->since(), spreading_.slow_start);
    }
}

/// An endpoint with weight 0 keeps those that came before it was to be emptied.
EndpointPool* UpstreamGroup::named_by(std::string_view cookie) noexcept
{
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (candidates_[i].usable && members_[i].mark == cookie) return members_[i].pool;
    }
    return nullptr;
}

std::optional<std::size_t> UpstreamGroup::pick(const EndpointWish& wish) noexcept
{
    switch (spreading_.balance) {
    case config::Balance::least_requests:
        return least_busy(candidates_, choices_++);
    case config::Balance::hash:
        if (wish.key) return owner_of(candidates_, *wish.key);
        break;
    case config::Balance::round_robin:
        break;
    }
    return next_in_turn(candidates_);
}

EndpointPool* UpstreamGroup::choose_among(const EndpointWish& wish) noexcept
{
    if (wish.tried.is_full()) return nullptr;
    look_at_endpoints(wish);
    if (!wish.cookie.empty()) {
        if (auto* const pool = named_by(wish.cookie)) return pool;
    }
    const auto chosen = pick(wish);
    return chosen ? members_[*chosen].pool : nullptr;
}

} // namespace gatehouse::gateway
