#pragma once

#include "auth/basics/clock.hpp"
#include "config/settings/cache.hpp"
#include "gateway/cache/cache_directives.hpp"
#include "gateway/http/head.hpp"

#include <chrono>
#include <optional>

namespace gatehouse::gateway {

/// How long an answer may be used.  RFC 9111, 4.2; RFC 5861
struct Freshness {
    std::chrono::seconds lifetime{};    // it is fresh while it is younger
    std::chrono::seconds initial_age{}; // when it came
    auth::Seconds came{};
    bool is_asked_each_time = false; // `no-cache`: never without asking
    std::chrono::seconds while_revalidating{};
    std::chrono::seconds if_error{};

    [[nodiscard]] std::chrono::seconds age(auth::Seconds now) const noexcept;

    /// What is left of its time; negative: it has been stale for so long.
    [[nodiscard]] std::chrono::seconds left(auth::Seconds now) const noexcept
    {
        return lifetime - age(now);
    }
};

/// How long an answer (with these fields) to a request that was sent at `asked`, and came at
/// `came`. Nothing: it says nothing of it, and `settings` do not either.
[[nodiscard]] std::optional<Freshness> freshness_of(const ResponseHead& answer,
                                                    const CacheDirectives& told,
                                                    const config::RouteCacheSettings& settings,
                                                    auth::Seconds asked, auth::Seconds came);

enum class Fresh : std::uint8_t {
    yes,
    while_revalidating, // stale, and good for those who come while somebody asks anew
    no
};

/// Whether it may be the answer to a request that says `wanted`, without asking.
[[nodiscard]] Fresh judge_freshness(const Freshness& freshness, const CacheDirectives& wanted,
                                    auth::Seconds now) noexcept;

/// Whether it may be the answer where the upstream has none but an error.
[[nodiscard]] bool may_stand_in(const Freshness& freshness, const CacheDirectives& wanted,
                                auth::Seconds now) noexcept;

} // namespace gatehouse::gateway
