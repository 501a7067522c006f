#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Where the HTTPS listener is, and which names its certificates are for.
struct HttpsPlace {
    std::uint16_t port = 443;
    std::vector<std::string> names; // in small letters; `*.example.com` too
};

/// The same resource over HTTPS, at this port of that place. Nothing: `host` (which may have a
/// port) is no name that the certificates are for, so nobody is sent there: an answer that a cache
/// keeps must not lead to a place that whoever asked has made up.
[[nodiscard]] std::optional<std::string> https_location(std::string_view host,
                                                        std::string_view target,
                                                        const HttpsPlace& place,
                                                        std::uint16_t port);

/// "max-age=31536000; includeSubDomains". RFC 6797, 6.1.
[[nodiscard]] std::string hsts_value(std::int64_t max_age, bool subdomains, bool preload);

} // namespace gatehouse::gateway
