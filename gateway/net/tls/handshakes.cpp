#include "gateway/net/tls/handshakes.hpp"

#include <openssl/ssl.h>

namespace gatehouse::gateway {

std::string_view result_of(HandshakeEnd end) noexcept
{
    switch (end) {
    case HandshakeEnd::full_1_2:
    case HandshakeEnd::full_1_3:
        return "full";
    case HandshakeEnd::resumed_1_2:
    case HandshakeEnd::resumed_1_3:
        return "resumed";
    case HandshakeEnd::refused:
        return "refused";
    case HandshakeEnd::left:
        return "left";
    case HandshakeEnd::late:
        return "late";
    case HandshakeEnd::plain_http:
        return "plain_http";
    case HandshakeEnd::overloaded:
        return "overloaded";
    }
    return {};
}

std::string_view version_of(HandshakeEnd end) noexcept
{
    switch (end) {
    case HandshakeEnd::full_1_2:
    case HandshakeEnd::resumed_1_2:
        return "1.2";
    case HandshakeEnd::full_1_3:
    case HandshakeEnd::resumed_1_3:
        return "1.3";
    case HandshakeEnd::refused:
    case HandshakeEnd::left:
    case HandshakeEnd::late:
    case HandshakeEnd::plain_http:
    case HandshakeEnd::overloaded:
        break;
    }
    return {};
}

HandshakeEnd end_of_handshake(const SSL& ssl) noexcept
{
    const bool resumed = SSL_session_reused(&ssl) == 1;
    if (SSL_version(&ssl) == TLS1_2_VERSION)
        return resumed ? HandshakeEnd::resumed_1_2 : HandshakeEnd::full_1_2;
    return resumed ? HandshakeEnd::resumed_1_3 : HandshakeEnd::full_1_3;
}

} // namespace gatehouse::gateway
