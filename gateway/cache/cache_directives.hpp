#pragma once

#include "gateway/http/head.hpp"

#include <chrono>
#include <optional>
#include <span>

namespace gatehouse::gateway {

/// What Cache-Control says, in a request or in an answer.  RFC 9111, 5.2; RFC 5861
struct CacheDirectives {
    using Time = std::optional<std::chrono::seconds>;

    bool there = false; // there is such a field
    bool no_store = false;
    bool no_cache = false; // also of some fields only
    bool only_if_cached = false;
    bool is_private = false; // also of some fields only
    bool is_public = false;
    bool must_revalidate = false;
    bool proxy_revalidate = false;
    bool no_transform = false;
    Time max_age;
    Time s_maxage;
    Time min_fresh;
    Time stale_while_revalidate;
    Time stale_if_error;
};

/// The longest time that is told apart: 2^31 seconds.
inline constexpr std::chrono::seconds longest_delta{2'147'483'648};

/// A whole number of seconds; more than `longest_delta` is that. Nothing: it is none.
[[nodiscard]] std::optional<std::chrono::seconds> parse_delta(std::string_view text) noexcept;

/// All lines of the field together. Directives that nobody knows say nothing; a time that is none
/// is 0, and of two the shorter one counts. A list that ends in the middle of a quotation is taken
/// for `no-store`, for nobody knows what it would have said.
[[nodiscard]] CacheDirectives cache_directives(std::span<const Field> fields) noexcept;

} // namespace gatehouse::gateway
