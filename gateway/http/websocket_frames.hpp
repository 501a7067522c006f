#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Follows one direction of a WebSocket by the lengths of its frames alone (RFC 6455, 5.2), so that
/// a frame of ours can be put between two of theirs. What is in a frame, and whether it may be, is
/// for the two ends: reserved bits, unknown opcodes and masks where none belong are only passed.
class FrameFollower {
public:
    void pass(std::string_view bytes) noexcept;

    [[nodiscard]] bool is_between_frames() const noexcept
    {
        return left_ == 0 && part_ == Part::opcode;
    }

    /// Bytes that the frame that has begun needs at least; 0 between frames.
    [[nodiscard]] std::uint64_t missing() const noexcept;

    /// A close frame has begun: this side has nothing more to say.
    [[nodiscard]] bool has_closed() const noexcept { return closed_; }

private:
    enum class Part : std::uint8_t { opcode, length, long_length };

    void read_header(std::uint8_t byte) noexcept;
    void begin_payload() noexcept;

    std::uint64_t left_ = 0;        // of mask and payload
    std::uint64_t length_ = 0;      // of the payload
    Part part_ = Part::opcode;      // of the header, that comes next
    std::uint8_t length_bytes_ = 0; // of the long length, still to come
    std::uint8_t opcode_ = 0;
    bool masked_ = false;
    bool closed_ = false;
};

/// Why a WebSocket ends (RFC 6455, 7.4.1).
enum class CloseCode : std::uint16_t {
    going_away = 1001,      // the gateway stops, or nobody has said anything for long
    policy_violation = 1008 // whoever was let in may not stay
};

/// A close frame. `mask`: for the direction from client to server, where each frame has one.
/// Of `reason` the first 123 bytes are said.  RFC 6455, 5.5.1
[[nodiscard]] std::string close_frame(CloseCode code, std::string_view reason,
                                      std::optional<std::uint32_t> mask);

} // namespace gatehouse::gateway
