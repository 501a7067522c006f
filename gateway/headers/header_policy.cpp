#include "gateway/headers/header_policy.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/own_cookies.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

std::string folded(std::string_view name)
{
    std::string text{name};
    std::ranges::transform(text, text.begin(),
                           [](char c) { return is_alphanumeric(c) ? lower(c) : '-'; });
    return text;
}

bool is_named(std::string_view name, std::string_view folded_name) noexcept
{
    return enforced("headers.folded_names") ? folds_to(name, folded_name)
                                            : equal_ignoring_case(name, folded_name);
}

} // namespace

HeaderPolicy::HeaderPolicy(const config::Settings& settings)
    : identity_header(settings.identity.header),
      identity_folded(folded(settings.identity.header)),
      session_header(settings.identity.session_header),
      roles_header(settings.identity.roles_header),
      cookie_names(own_cookie_names(settings.auth)),
      guards_cookies(settings.auth.has_access_cookie())
{
}

bool is_identity_name(std::string_view name, const HeaderPolicy& policy) noexcept
{
    return is_named(name, "x-user-id") || is_named(name, "x-session-id") ||
           is_named(name, "x-user-roles") || is_named(name, policy.identity_folded);
}

bool is_forwarding_name(std::string_view name) noexcept
{
    constexpr std::string_view prefix = "x-forwarded-";
    return is_named(name.substr(0, prefix.size()), prefix) || is_named(name, "forwarded") ||
           is_named(name, "x-request-id");
}

} // namespace gatehouse::gateway
