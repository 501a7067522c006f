#pragma once

#include "gateway/net/tls/ssl_pointer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::gateway::test {

/// The other side of a TLS conversation, without a socket: the test carries every byte, so it can
/// deliver them one by one, late or never.
class TlsPeer {
public:
    explicit TlsPeer(SslPtr ssl);

    /// Goes on with the handshake; true when it is done.
    bool shake_hands();
    bool write(std::string_view text);
    /// All that has arrived.
    std::string read();
    /// The gateway has said that it sends nothing more.
    [[nodiscard]] bool has_ended() const;

    /// What it wants to have sent, and what arrived for it.
    std::string take_records();
    void give_records(std::string_view records);

    [[nodiscard]] SSL& ssl() noexcept { return *ssl_; }

private:
    SslPtr ssl_;
};

} // namespace gatehouse::gateway::test
