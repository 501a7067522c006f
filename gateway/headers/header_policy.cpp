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

/// The three fields with a user's id, session and a page of roles.
constexpr std::size_t usual_identity_bytes = 16 * 1024;
constexpr std::size_t most_proof_bytes = 16 * 1024; // with a page of roles and of scopes
constexpr std::size_t around_a_value = 4;           // ": " and the end of the line

std::vector<std::string> all_cookie_names(const config::Settings& settings)
{
    auto names = own_cookie_names(settings.auth);
    for (const auto& [name, upstream] : settings.upstreams) {
        if (upstream.sticky_cookie) names.push_back(upstream.sticky_cookie->name);
    }
    names.emplace_back(config::device_cookie_name);
    return names;
}

/// Where every path has our tokens' cookies, of all of them; where browsers are kept at an
/// endpoint, of those that no upstream gets to see: nobody else says where they belong.
std::size_t guarded_of(const config::Settings& settings, std::size_t all, std::size_t kept)
{
    if (settings.auth.has_access_cookie()) return all;
    const bool sticky = std::ranges::any_of(
        settings.upstreams, [](const auto& each) { return each.second.sticky_cookie.has_value(); });
    return sticky && enforced("headers.sticky_cookie") ? kept : 0;
}

/// What one server, framework or proxy or another takes for the path of the request, or for a piece
/// that is to be cut off it (gunicorn: SCRIPT_NAME). The path is what was judged.  R23
bool names_a_path(std::string_view name) noexcept
{
    if (!enforced("headers.path_names")) return false;
    switch (name.size()) {
    case 9:
        return folds_to(name, "path-info");
    case 11:
        return folds_to(name, "script-name") || folds_to(name, "request-uri");
    case 13:
        return folds_to(name, "x-script-name") || folds_to(name, "x-rewrite-url");
    case 14:
        return folds_to(name, "x-original-url") || folds_to(name, "x-original-uri");
    case 21:
        return folds_to(name, "x-envoy-original-path");
    default:
        return false;
    }
}

} // namespace

HeaderPolicy::HeaderPolicy(const config::Settings& settings)
    : identity_header(settings.identity.header),
      identity_folded(folded(settings.identity.header)),
      session_header(settings.identity.session_header),
      roles_header(settings.identity.roles_header),
      own_trailers(identity_header),
      most_identity_bytes(usual_identity_bytes),
      cookie_names(all_cookie_names(settings)),
      kept_cookies(cookie_names.size() - own_cookie_names(settings.auth).size()),
      guarded_cookies(guarded_of(settings, cookie_names.size(), kept_cookies))
{
    for (const auto& header : settings.identity.headers) {
        claim_headers.push_back(header.name);
        own(header.name, header.max_bytes);
    }
    if (settings.identity.proof) {
        proof_header = settings.identity.proof->header;
        own(proof_header, most_proof_bytes);
    }
    for (const auto& listen : settings.listen) own_certificate_headers(listen);
}

/// Whichever way a request came: backends cannot know which listener that was.
void HeaderPolicy::own_certificate_headers(const config::ListenSettings& listen)
{
    if (!listen.tls || !listen.tls->client_certificates) return;
    for (const auto& [what, name] : header_names(listen.tls->client_certificates->headers)) {
        if (name->empty()) continue;
        certificate_headers.push_back(*name);
        own(*name, 0);
    }
}

void HeaderPolicy::own(const std::string& name, std::size_t most_bytes)
{
    more_folded.push_back(folded(name));
    own_trailers.append(",").append(name);
    most_identity_bytes += name.size() + most_bytes + around_a_value;
}

bool is_identity_name(std::string_view name, const HeaderPolicy& policy) noexcept
{
    return is_named(name, "x-user-id") || is_named(name, "x-session-id") ||
           is_named(name, "x-user-roles") || is_named(name, policy.identity_folded) ||
           std::ranges::any_of(policy.more_folded,
                               [name](const auto& own) { return is_named(name, own); });
}

bool is_forwarding_name(std::string_view name) noexcept
{
    constexpr std::string_view prefix = "x-forwarded-";
    return is_named(name.substr(0, prefix.size()), prefix) || is_named(name, "forwarded") ||
           is_named(name, "x-real-ip") || is_named(name, "x-request-id") || names_a_path(name);
}

} // namespace gatehouse::gateway
