#pragma once

#include "config/settings/identity.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Fields of an answer of ours, as LocalResponse has them.
using CookieFields = std::vector<std::pair<std::string, std::string>>;

/// What our cookies say.
struct CookieValues {
    std::string_view refresh;
    std::string_view access;
    std::string_view csrf;
    std::chrono::seconds refresh_life{};
    std::chrono::seconds access_life{};
};

/// The names of the cookies with which a session is delivered: one, or three where access tokens
/// have a cookie.
[[nodiscard]] std::vector<std::string> own_cookie_names(const config::AuthApiSettings& settings);

/// Adds a Set-Cookie for each of them. Those with tokens are HttpOnly; the one that is a proof
/// against forged requests is there for scripts of own pages. No Domain: other hosts of the same
/// site get none of them.  RFC 6265bis, 4.1
void write_cookies(CookieFields& fields, const CookieValues& values,
                   const config::AuthApiSettings& settings);

/// Adds the one with the access token alone, where access tokens have a cookie.
void write_access_cookie(CookieFields& fields, std::string_view value, std::chrono::seconds life,
                         const config::AuthApiSettings& settings);

/// Adds the one by which the browser is known at its next login. It is sent to calls of the auth
/// API only, and, whatever the other cookies are, by no page of another site.
void write_device_cookie(CookieFields& fields, std::string_view value, std::chrono::seconds life,
                         const config::AuthApiSettings& settings);

/// Makes browsers forget those with tokens: the attributes are those they were set with (RFC
/// 6265, 5.3).
void clear_cookies(CookieFields& fields, const config::AuthApiSettings& settings);

/// Whether the value of a Set-Cookie field sets a cookie of one of these names, or one that
/// browsers send as if it had it: `=name=value` has no name and comes back as `name=value`.
/// RFC 6265bis, 5.6
[[nodiscard]] bool sets_cookie_of(std::string_view set_cookie,
                                  std::span<const std::string> names) noexcept;

} // namespace gatehouse::gateway
