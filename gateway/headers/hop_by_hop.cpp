#include "gateway/headers/hop_by_hop.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

/// Whether any member of a comma-separated list satisfies `wanted`.
template <class Wanted>
bool any_member(std::string_view list, Wanted wanted)
{
    bool found = false;
    for_each_element(list, [&](std::string_view member) {
        found = found || (!member.empty() && wanted(member));
    });
    return found;
}

bool is_connection(const Field& field) noexcept
{
    return equal_ignoring_case(field.name, "connection");
}

/// Fields meant for everybody on the way (RFC 9110 and its registry); whoever nominates one of
/// them wants it gone, not forwarded.
constexpr std::array<std::string_view, 46> end_to_end = {"accept",
                                                         "accept-charset",
                                                         "accept-encoding",
                                                         "accept-language",
                                                         "accept-ranges",
                                                         "age",
                                                         "allow",
                                                         "authorization",
                                                         "cache-control",
                                                         "content-disposition",
                                                         "content-encoding",
                                                         "content-language",
                                                         "content-location",
                                                         "content-range",
                                                         "content-type",
                                                         "cookie",
                                                         "date",
                                                         "etag",
                                                         "expires",
                                                         "from",
                                                         "host",
                                                         "if-match",
                                                         "if-modified-since",
                                                         "if-none-match",
                                                         "if-range",
                                                         "if-unmodified-since",
                                                         "last-modified",
                                                         "link",
                                                         "location",
                                                         "max-forwards",
                                                         "origin",
                                                         "pragma",
                                                         "range",
                                                         "referer",
                                                         "retry-after",
                                                         "server",
                                                         "set-cookie",
                                                         "strict-transport-security",
                                                         "traceparent",
                                                         "tracestate",
                                                         "user-agent",
                                                         "vary",
                                                         "via",
                                                         "www-authenticate",
                                                         "content-security-policy",
                                                         "x-frame-options"};

/// Ends at this proxy, whatever `Connection` says. By size first, so that nearly every name meets
/// one comparison at most.
bool ends_here(std::string_view name) noexcept
{
    switch (name.size()) {
    case 2:
        return folds_to(name, "te");
    case 5: // `Proxy` becomes HTTP_PROXY in CGI programs, which then call through it
        return folds_to(name, "proxy");
    case 7:
        if (folds_to(name, "upgrade")) return true;
        break; // Proxy-X has seven letters too
    case 10:
        if (folds_to(name, "connection") || folds_to(name, "keep-alive")) return true;
        break;
    case 14:
        if (folds_to(name, "http2-settings")) return true;
        break;
    default:
        break;
    }
    return folds_to(name.substr(0, 6), "proxy-");
}

/// Sec-WebSocket-Key, -Accept, -Version, -Protocol and -Extensions.
bool is_of_websocket(std::string_view name) noexcept
{
    constexpr std::string_view prefix = "sec-websocket-";
    return name.size() > prefix.size() && folds_to(name.substr(0, prefix.size()), prefix);
}

bool is_end_to_end(std::string_view name) noexcept
{
    return std::ranges::any_of(
        end_to_end, [name](std::string_view known) { return equal_ignoring_case(name, known); });
}

} // namespace

Transport transport_of(std::string_view name) noexcept
{
    using enum Transport;
    switch (name.size()) {
    case 7:
        if (folds_to(name, "trailer")) return trailer;
        break;
    case 14:
        if (folds_to(name, "content-length")) return content_length;
        break;
    case 17:
        if (folds_to(name, "transfer-encoding")) return transfer_encoding;
        break;
    default:
        break;
    }
    if (ends_here(name)) return hop_by_hop;
    return is_of_websocket(name) ? websocket : none;
}

Nominations::Nominations(std::span<const Field> fields) noexcept : fields_(fields)
{
    const auto unusual = [](std::string_view name) {
        return !equal_ignoring_case(name, "close") && !equal_ignoring_case(name, "keep-alive");
    };
    any_ = std::ranges::any_of(fields, [&](const Field& field) {
        return is_connection(field) && any_member(field.value, unusual);
    });
}

bool Nominations::remove(std::string_view name) const noexcept
{
    if (!enforced("headers.nominated") || !any_) return false;
    const auto is_name = [name](std::string_view member) {
        return equal_ignoring_case(member, name);
    };
    const bool nominated = std::ranges::any_of(fields_, [&](const Field& field) {
        return is_connection(field) && any_member(field.value, is_name);
    });
    return nominated && !(enforced("headers.nomination_bounded") && is_end_to_end(name));
}

} // namespace gatehouse::gateway
