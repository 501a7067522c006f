#pragma once

#include "gateway/http/websocket_frames.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <string_view>

namespace gatehouse::gateway::test {

inline const std::string handshake_fields =
    "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n";
inline const std::string handshake = "GET /ws HTTP/1.1\r\n" + handshake_fields + "\r\n";
inline const std::string switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\n"
                                    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
inline const std::string going_away =
    close_frame(CloseCode::going_away, "going away", std::nullopt);

inline std::string handshake_with(const std::string& lines)
{
    return "GET /ws HTTP/1.1\r\n" + handshake_fields + lines + "\r\n";
}

inline std::string frame(std::string_view text)
{
    return std::string{'\x81', static_cast<char>(text.size())} + std::string(text);
}

/// Says 101, then returns whatever comes until the client ends.
inline void echo(RawSocket& socket, std::size_t)
{
    (void)read_request(socket);
    socket.send(switched + "\r\n");
    while (socket.receive() == RawSocket::End::open) {
        const auto bytes = socket.received();
        socket.take(bytes.size());
        if (!socket.send(bytes)) return;
    }
}

/// Whoever sees a connection end, or tells a worker to drain, is ahead of that worker.
inline void let_it_conclude(TestGateway& gateway)
{
    std::promise<void> turned;
    gateway.worker().post([&] { turned.set_value(); });
    turned.get_future().get();
}

} // namespace gatehouse::gateway::test
