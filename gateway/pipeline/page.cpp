#include "gateway/pipeline/page.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// `authority` without a port that goes without saying: browsers leave it out of Origin, while
/// some clients and proxies write it into Host.
std::string_view without_default_port(std::string_view authority, bool secure) noexcept
{
    const std::string_view port = secure ? ":443" : ":80";
    if (authority.ends_with(port)) authority.remove_suffix(port.size());
    return authority;
}

bool has_origin(const Asking& asking)
{
    return std::ranges::any_of(asking.fields,
                               [](const auto& f) { return equal_ignoring_case(f.name, "Origin"); });
}

/// In any field of that name: who says it twice, and once so, is believed in the worse.
bool says_cross_site(const Asking& asking)
{
    return std::ranges::any_of(asking.fields, [](const auto& f) {
        return equal_ignoring_case(f.name, "Sec-Fetch-Site") &&
               equal_ignoring_case(f.value, "cross-site");
    });
}

bool is_listed(std::string_view origin, const config::AuthApiSettings& auth)
{
    return std::ranges::find(auth.origins, origin) != auth.origins.end();
}

bool is_own(std::string_view origin, const Asking& asking)
{
    const std::string_view scheme = asking.secure ? "https://" : "http://";
    return equal_ignoring_case(origin.substr(0, scheme.size()), scheme) &&
           equal_ignoring_case(without_default_port(origin.substr(scheme.size()), asking.secure),
                               without_default_port(asking.host, asking.secure));
}

} // namespace

bool is_from_own_page(const Asking& asking, const config::AuthApiSettings& auth)
{
    if (!has_origin(asking)) return !(enforced("api.cross_site") && says_cross_site(asking));
    if (!enforced("api.origin")) return true;
    const auto origin = only_value(asking.fields, "Origin"); // two of them are none of ours
    const bool own_counts = auth.origins.empty() || auth.own_pages;
    return (own_counts && is_own(origin, asking)) || is_listed(origin, auth);
}

Page page_behind(const Asking& asking, const config::AuthApiSettings& auth)
{
    if (has_origin(asking)) {
        const auto origin = only_value(asking.fields, "Origin"); // "null" is nobody's
        if (!enforced("page.origin")) return Page::own;
        return is_own(origin, asking) || is_listed(origin, auth) ? Page::own : Page::foreign;
    }
    const auto site = only_value(asking.fields, "Sec-Fetch-Site");
    if (equal_ignoring_case(site, "same-origin") || equal_ignoring_case(site, "none")) {
        return Page::own;
    }
    if (enforced("page.cross_site") && equal_ignoring_case(site, "cross-site")) {
        return Page::foreign;
    }
    return Page::unknown; // also another host of the same site
}

bool is_safe(const Asking& asking) noexcept
{
    if (enforced("page.websocket") && asking.websocket) return false;
    const auto method = asking.method;
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

} // namespace gatehouse::gateway
