#pragma once

#include "auth/service/auth_error.hpp"
#include "config/basics/result.hpp"

#include <string_view>

namespace gatehouse::simulation {

/// How a client takes an answer.
enum class Outcome { ok, again, denied };

template <class T>
[[nodiscard]] std::string_view word(const Result<T, auth::AuthError>& result)
{
    return result ? "ok" : to_string(result.error().kind);
}

/// 503 and 429 say: come back.
template <class T>
[[nodiscard]] Outcome outcome_of(const Result<T, auth::AuthError>& result)
{
    if (result) return Outcome::ok;
    using Kind = auth::AuthError::Kind;
    const auto kind = result.error().kind;
    const bool later = kind == Kind::store_unavailable || kind == Kind::overloaded ||
                       kind == Kind::too_many_attempts;
    return later ? Outcome::again : Outcome::denied;
}

} // namespace gatehouse::simulation
