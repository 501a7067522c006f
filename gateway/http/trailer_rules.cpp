#include "gateway/http/trailer_rules.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <initializer_list>

namespace gatehouse::gateway {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr Names framing = {
    "connection", "content-length", "http2-settings",    "keep-alive", "proxy",
    "te",         "trailer",        "transfer-encoding", "upgrade",
};
constexpr Names routing = {
    "baggage",     "forwarded",         "host",           "path-info",
    "request-uri", "script-name",       "traceparent",    "tracestate",
    "via",         "x-original-method", "x-original-uri", "x-original-url",
    "x-real-ip",   "x-rewrite-url",     "x-script-name",  "x-envoy-original-path",
};
constexpr Names credentials = {
    "authentication-info", "authorization", "cookie", "set-cookie", "www-authenticate",
};
constexpr Names identity = {"x-user-id", "x-session-id", "x-user-roles", "x-request-id"};
constexpr Names controls = {
    "age",          "cache-control", "date",  "expect",      "expires", "location",
    "max-forwards", "pragma",        "range", "retry-after", "vary",    "warning",
};
constexpr Names content = {
    "content-encoding", "content-language", "content-location",
    "content-range",    "content-type",     "content-disposition",
};
constexpr Names prefixes = {"x-forwarded-", "if-", "access-control-", "proxy-", "sec-websocket-"};

bool is_one_of(std::string_view name, Names names) noexcept
{
    return std::any_of(names.begin(), names.end(),
                       [name](std::string_view known) { return folds_to(name, known); });
}

bool has_prefix_of(std::string_view name, Names names) noexcept
{
    return std::any_of(names.begin(), names.end(), [name](std::string_view prefix) {
        return folds_to(name.substr(0, prefix.size()), prefix);
    });
}

/// Two spellings that become the same name when folded.
bool same_when_folded(std::string_view a, std::string_view b) noexcept
{
    const auto folded = [](char c) { return is_alphanumeric(c) ? lower(c) : '-'; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return folded(x) == folded(y); });
}

} // namespace

bool may_be_trailer(std::string_view name, std::string_view own_names) noexcept
{
    if (enforced("http.trailer_framing") && is_one_of(name, framing)) return false;
    if (enforced("http.trailer_routing") && is_one_of(name, routing)) return false;
    if (enforced("http.trailer_credentials") && is_one_of(name, credentials)) return false;
    if (enforced("http.trailer_identity") && is_one_of(name, identity)) return false;
    if (enforced("http.trailer_controls") && is_one_of(name, controls)) return false;
    if (enforced("http.trailer_content") && is_one_of(name, content)) return false;
    if (enforced("http.trailer_prefixes") && has_prefix_of(name, prefixes)) return false;
    bool ours = false;
    for_each_element(own_names, [&](auto own) { ours = ours || same_when_folded(name, own); });
    return !(enforced("http.trailer_identity_header") && ours);
}

} // namespace gatehouse::gateway
