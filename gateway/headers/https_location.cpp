#include "gateway/headers/https_location.hpp"

#include "config/basics/enforced.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::uint16_t usual_port = 443;

/// Without the port; an IPv6 address with its brackets. Empty for what is neither name nor address.
std::string host_alone(std::string_view host)
{
    const bool bracketed = host.starts_with('[');
    const auto end = bracketed ? host.find(']') : host.find(':');
    if (bracketed && end == host.npos) return {};
    const auto alone = host.substr(0, bracketed ? end + 1 : end);
    const auto port = host.substr(alone.size());
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!port.empty() && (port[0] != ':' || !std::ranges::all_of(port.substr(1), is_digit)))
        return {};
    std::string text(alone);
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || c == ':' || c == '[' || c == ']';
    };
    return std::ranges::all_of(text, fits) ? text : std::string();
}

bool covers(const HttpsPlace& place, std::string_view host)
{
    const auto bare = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
    const auto dot = host.find('.');
    return std::ranges::any_of(place.names, [&](std::string_view name) {
        if (name == bare) return true;
        return name.starts_with("*.") && dot != host.npos && dot != 0 &&
               name.substr(1) == host.substr(dot);
    });
}

} // namespace

std::optional<std::string> https_location(std::string_view host, std::string_view target,
                                          const HttpsPlace& place, std::uint16_t port)
{
    const auto alone = host_alone(host);
    if (alone.empty()) return std::nullopt;
    if (enforced("https.redirect_host") && !covers(place, alone)) return std::nullopt;
    const auto path = target.starts_with('/') ? target : std::string_view("/");
    if (port == usual_port) return fmt::format("https://{}{}", alone, path);
    return fmt::format("https://{}:{}{}", alone, port, path);
}

std::string hsts_value(std::int64_t max_age, bool subdomains, bool preload)
{
    return fmt::format("max-age={}{}{}", max_age, subdomains ? "; includeSubDomains" : "",
                       preload ? "; preload" : "");
}

} // namespace gatehouse::gateway
