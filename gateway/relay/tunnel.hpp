#pragma once

#include "gateway/relay/tunnel_flow.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// A WebSocket between a client and an upstream after both have agreed on it: bytes both ways, each
/// direction with its own pace and end. It never waits: step() does what can be done now. It can be
/// told to end: a close frame between two frames towards the client, a masked one towards the
/// upstream where its last frame is whole, and then nothing but waiting for both to go.
class Tunnel {
public:
    enum class State : std::uint8_t {
        open,
        over,          // both have finished, and all of it was passed on
        client_gone,   // without a word
        upstream_gone, // the same
    };

    /// `early`: what the upstream has said behind its 101.
    Tunnel(Socket& client, Socket& upstream, BufferPool& pieces, Buffer early);

    [[nodiscard]] State step(Turn& turn, Wakeable& whom);

    /// Begins the end. `mask` is for the frame to the upstream.
    void close(CloseCode code, std::string_view reason, std::uint32_t mask);

    [[nodiscard]] bool is_closing() const noexcept { return closing_; }

    /// One of both has finished or said goodbye; the other one need not take long.
    [[nodiscard]] bool is_half_closed() const noexcept;

    /// The close frame of close() has gone to the client.
    [[nodiscard]] bool client_was_told() const noexcept { return closing_ && down_.is_over(); }

    [[nodiscard]] const TunnelFlow& up() const noexcept { return up_; }

    [[nodiscard]] const TunnelFlow& down() const noexcept { return down_; }

    /// Asks for `whom` to be woken when something can go on. True: it can at once.
    [[nodiscard]] bool wake_when_ready(Wakeable& whom);

private:
    /// What is still read of one side once it is heard no more.
    struct Rest {
        bool has_ended = false;

        void drop(Socket& from) noexcept;
    };

    [[nodiscard]] State step_closing(Turn& turn, Wakeable& whom);
    [[nodiscard]] bool hears_client_no_more() const noexcept;
    bool wake_for(TunnelFlow& flow, Socket& source, Socket& sink, Wakeable& whom);

    Socket& client_;
    Socket& upstream_;
    TunnelFlow up_;
    TunnelFlow down_;
    Rest of_client_;
    Rest of_upstream_;
    bool closing_ = false;
};

} // namespace gatehouse::gateway
