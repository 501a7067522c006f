#pragma once

#include "gateway/http/chunk_framing.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/socket.hpp"
#include "gateway/relay/body_reader.hpp"

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

class AnswerRecorder;
class BodyEncoder;

/// Moves one message from one side to the other: its head, already written by us, then its body,
/// piece by piece, with the framing the other side needs. It never waits: step() does what can be
/// done now and says what it lacks, so one coroutine can run two pumps at once. It holds no more
/// than one piece, and reads no further until that piece is sent: that is the backpressure.
class BodyPump {
public:
    enum class State : std::uint8_t {
        moving,        // has done its share; more can be done at once
        source_waits,  // for bytes of the sender
        sink_waits,    // for room at the receiver
        done,          // the whole message is sent
        source_broken, // the sender ended before the body did: truncated
        malformed,     // the body's framing is wrong
        too_large,     // over the limit
        sink_broken    // the receiver is gone
    };

    struct Plan {
        Socket* source = nullptr;
        Socket* sink = nullptr;
        Framing framing;                    // as it arrives
        BodyKind sent_as = BodyKind::none;  // as it is sent
        std::uint64_t limit = 0;            // of body bytes; 0: none
        std::string_view own_names{};       // names of trailers that do not travel on
        BufferPool* pieces = nullptr;       // where pieces are read to
        BufferPool* large_pieces = nullptr; // the same for long bodies; may be null
        bool for_nobody = false;            // there is nobody at the sink: it takes everything
        bool then_end = false;              // the last byte ends what the sink is sent
        AnswerRecorder* copy = nullptr;     // takes the body down; may be null
        BodyEncoder* encoder = nullptr;     // packs it, sent_as chunks; may be null
    };

    /// `head` goes out first, together with the body's beginning if that is there: `early` are the
    /// bytes that came behind the head, wherever they are. `head` needs to live only until step()
    /// first returns, `early` until the pump is done.
    void begin(const Plan& plan, std::string_view head, std::span<char> early);

    [[nodiscard]] State step();

    /// Gathers what is there of the message, without sending it; its head is copied. State::done:
    /// it is whole, for send_gathered(). State::moving: step() has to go on, for more is to come
    /// or the message is too long to be kept waiting.
    [[nodiscard]] State gather();
    State send_gathered() noexcept;

    /// Gives the blocks back. What is left over is gone.
    void end() noexcept { buffer_ = Buffer(); }

    /// The whole body has arrived, though it may not all be sent yet.
    [[nodiscard]] bool source_is_done() const noexcept { return reader_.done(); }

    /// Bytes that arrived behind the body: the next message. Valid until end().
    [[nodiscard]] std::string_view leftover() const noexcept { return {raw_.data(), raw_.size()}; }

    /// Bytes of the body as they arrived, and all bytes sent.
    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_read_; }

    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }

private:
    void pend(std::string_view piece) noexcept;
    [[nodiscard]] std::optional<State> flush();
    [[nodiscard]] std::optional<State> fill();
    [[nodiscard]] bool can_take_piece() const noexcept;
    [[nodiscard]] std::optional<State> take_piece();
    [[nodiscard]] std::optional<State> send_piece(std::span<const char> data);
    [[nodiscard]] std::optional<State> send_held_back();
    void frame_piece(std::span<const char> data);
    void keep_head();

    Plan plan_;
    BodyReader reader_;
    std::span<char> raw_; // arrived, framing not taken off yet
    Buffer buffer_;
    bool filled_a_block_ = false; // the sender is faster than a block at a time

    // What is being sent now: head, chunk size, data, end.
    std::array<iovec, 4> pending_{};
    std::size_t first_pending_ = 0;
    std::size_t pendings_ = 0;
    bool head_is_pending_ = false;
    std::string kept_head_; // its unsent rest, when the receiver takes it slowly
    ChunkHead chunk_head_{0};
    std::string tail_;

    std::uint64_t bytes_read_ = 0;
    std::uint64_t bytes_sent_ = 0;
};

} // namespace gatehouse::gateway
