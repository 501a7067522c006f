#pragma once

#include "config/settings/cache.hpp"
#include "gateway/cache/cache_directives.hpp"
#include "gateway/cache/freshness.hpp"
#include "gateway/cache/keyed_request.hpp"
#include "gateway/cache/vary.hpp"

#include <optional>

namespace gatehouse::gateway {

/// What becomes of a request.
enum class CacheUse : std::uint8_t {
    kept,     // whatever is kept may be the answer, and the answer may be kept
    one_time, // it goes by itself, and leaves nothing behind
};

/// GET and HEAD without a body, that ask for all of it, and do not say `no-store`.
[[nodiscard]] CacheUse judge_request(const RequestHead& request,
                                     const CacheDirectives& wanted) noexcept;

/// Methods that change nothing: after any other one what is kept of that resource may be wrong.
/// RFC 9110, 9.2.1
[[nodiscard]] bool is_safe_method(std::string_view method) noexcept;

/// Whether what is kept of a resource is forgotten after such an answer to an unsafe request.
[[nodiscard]] constexpr bool invalidates(unsigned status) noexcept
{
    return status >= 200 && status < 400;
}

/// For whom an answer may be kept.
enum class KeptFor : std::uint8_t {
    nobody,
    user, // whoever asked, also where that is nobody known
    all
};

struct AnswerTerms {
    KeptFor whom = KeptFor::nobody;
    Freshness freshness{};
    Variation variation{};
};

/// Judges the answer to such a GET, by its head. RFC 9111, 3; what may be somebody's is kept for
/// nobody else: only answers that say `public` are for all, or that the settings call `shared`.
[[nodiscard]] AnswerTerms judge_answer(const ResponseHead& answer, const KeyedRequest& request,
                                       const HeaderPolicy& policy,
                                       const config::RouteCacheSettings& settings,
                                       auth::Seconds asked, auth::Seconds came);

} // namespace gatehouse::gateway
