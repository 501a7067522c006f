#pragma once

#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// What a field says about the connection rather than about the content.
enum class Transport {
    none,           // end-to-end, unless Connection names it
    hop_by_hop,     // ends here: RFC 9110, 7.6.1, and everything of Proxy-
    content_length, // framing is written anew by whoever sends
    transfer_encoding,
    trailer,  // announces trailers; makes sense only with a chunked body
    websocket // of a WebSocket handshake, and nothing to do with any other message
};

[[nodiscard]] Transport transport_of(std::string_view name) noexcept;

/// The names that the Connection fields of a head add to the hop-by-hop ones; all lines count.
class Nominations {
public:
    explicit Nominations(std::span<const Field> fields) noexcept;

    /// Whether a field ends here. Naming a well-known end-to-end field has no effect: otherwise a
    /// client could make us drop Host, Cookie or Content-Type.  R9
    [[nodiscard]] bool remove(std::string_view name) const noexcept;

private:
    std::span<const Field> fields_;
    bool any_ = false; // something besides `close` and `keep-alive` is named
};

} // namespace gatehouse::gateway
