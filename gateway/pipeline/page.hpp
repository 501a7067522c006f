#pragma once

#include "config/settings/identity.hpp"
#include "gateway/http/head.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// A request as far as it tells which page is behind it.
struct Asking {
    std::string_view method;
    std::string_view host;
    std::span<const Field> fields;
    bool secure = false;    // the client came over TLS
    bool websocket = false; // a WebSocket handshake
};

/// Whether the page behind a cookie-carried call of the auth API may make it: its Origin is one of
/// `auth.origins`, or the request's own where there are none or account pages; without Origin, it
/// is not from another site.
[[nodiscard]] bool is_from_own_page(const Asking& asking, const config::AuthApiSettings& auth);

/// Whose page made a browser send a request to a route.
enum class Page : std::uint8_t {
    own,     // Origin is the request's own or one of `auth.origins`; else Sec-Fetch-Site says so
    foreign, // another Origin, or without one another site
    unknown  // neither field says it: an old browser, or none
};

[[nodiscard]] Page page_behind(const Asking& asking, const config::AuthApiSettings& auth);

/// Whether the request promises to change nothing (RFC 9110, 9.2.1). A WebSocket handshake is a GET
/// and promises nothing: what is said afterwards may be anything, and no CORS keeps the answers
/// from a page of another origin.
[[nodiscard]] bool is_safe(const Asking& asking) noexcept;

} // namespace gatehouse::gateway
