#pragma once

#include "gateway/http/websocket_frames.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/socket.hpp"
#include "gateway/net/turn.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::gateway {

/// One direction of a tunnel: bytes as they come, and which frame they belong to. It never waits,
/// and holds at most one block, which it gives back as soon as there is nothing in it; while the
/// receiver takes nothing no more is read. What leaves the sender with nothing more for now lines
/// up and is sent at the end of the turn. It can be told to say something of its own at the end of
/// a frame and to be silent from then on.
class TunnelFlow final : private Turn::Place {
public:
    enum class State : std::uint8_t {
        moving,        // has done its share; more can be done at once
        source_waits,  // for bytes of the sender
        sink_waits,    // for room at the receiver
        lined_up,      // is sent at the end of the turn, and then waits for bytes of the sender
        done,          // the sender has finished, and all of it is sent; or the last words are
        source_broken, // reset
        sink_broken    // the receiver is gone
    };

    /// `early`: what has already arrived of the sender.
    TunnelFlow(Socket& source, Socket& sink, BufferPool& pieces, Buffer early);

    /// What it lines up in `turn` is sent there; `whom` is woken when that leaves anything but
    /// State::source_waits.
    State step(Turn& turn, Wakeable& whom);

    /// What becomes of a frame of which the receiver has only the beginning, or which stands with
    /// others in a record of TLS that has begun.
    enum class Begun : std::uint8_t { finish, abandon };

    /// Says `words` behind the frame that has begun, drops all that comes behind it, and ends.
    /// Begun::abandon: that frame stays torn, and then nothing is said.
    void say_last(std::string words, Begun begun);

    [[nodiscard]] State state() const noexcept { return state_; }

    /// Bytes of the sender that the receiver has taken.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

    /// How often step() has moved something.
    [[nodiscard]] std::uint64_t moves() const noexcept { return moves_; }

    /// All that there was to say has been said: that of the sender, or our own.
    [[nodiscard]] bool is_over() const noexcept { return state_ == State::done; }

    /// As far as the receiver has it.
    [[nodiscard]] const FrameFollower& frames() const noexcept { return frames_; }

private:
    bool send() noexcept override;
    [[nodiscard]] State move_on(Turn& turn, Wakeable& whom);
    [[nodiscard]] std::optional<State> fill();
    [[nodiscard]] std::optional<State> flush();
    [[nodiscard]] State finish();
    [[nodiscard]] State say_words();
    [[nodiscard]] bool has_begun() const noexcept;
    [[nodiscard]] std::uint64_t most_wanted() const noexcept;

    Socket& source_;
    Socket& sink_;
    BufferPool& pieces_;
    Buffer held_; // read and not sent yet
    FrameFollower frames_;
    std::string words_;
    std::uint64_t bytes_ = 0;
    std::uint64_t moves_ = 0;
    std::size_t owed_ = 0; // of what is held, whatever is to be said last
    State state_ = State::source_waits;
    bool source_ended_ = false;
    bool speaks_last_ = false;
};

} // namespace gatehouse::gateway
