#pragma once

#include "gateway/http/field_syntax.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Whether a request is an opening handshake of WebSocket and nothing else: GET, HTTP/1.1, without
/// a body, one `Upgrade: websocket`, `upgrade` among the options of Connection, one key of 16
/// bytes, version 13. Whatever is nearly one is none.  RFC 6455, 4.1; RFC 9110, 7.8
[[nodiscard]] bool is_websocket_handshake(const RequestHead& head) noexcept;

/// What the answer to a handshake with that key has to say in Sec-WebSocket-Accept (RFC 6455, 1.3).
[[nodiscard]] std::string websocket_accept(std::string_view key);

/// Whether a response is the 101 that the handshake asked for: it switches to WebSocket and nothing
/// else, knows the key, announces no body, and chooses at most one protocol and only such
/// extensions as the upstream was offered.  R10, R15; RFC 6455, 4.1
[[nodiscard]] bool answers_websocket_handshake(const ResponseHead& answer,
                                               const RequestHead& asked);

/// The subprotocol that stands for "the next one is my access token": browsers let pages name
/// protocols, but no Authorization.
inline constexpr std::string_view bearer_protocol = "bearer";

/// Calls `use(protocol)` for each subprotocol that these fields name, in their order.
template <class Use>
void for_each_protocol(std::span<const Field> fields, Use use)
{
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "sec-websocket-protocol")) continue;
        for_each_element(field.value, [&](std::string_view protocol) {
            if (!protocol.empty()) use(protocol);
        });
    }
}

/// The same for those that an upstream is offered: without `bearer` and what stands behind it.
template <class Use>
void for_each_offered_protocol(std::span<const Field> fields, Use use)
{
    bool is_token = false;
    for_each_protocol(fields, [&](std::string_view protocol) {
        const bool follows_bearer = is_token;
        is_token = !follows_bearer && protocol == bearer_protocol;
        if (!follows_bearer && !is_token) use(protocol);
    });
}

/// The protocol that the client is told: the one that the upstream chose, or without one `bearer`
/// if that was offered, because a browser fails when none of those it offered is chosen. Empty:
/// none.
[[nodiscard]] std::string_view chosen_protocol(const ResponseHead& answer,
                                               const RequestHead& asked) noexcept;

} // namespace gatehouse::gateway
