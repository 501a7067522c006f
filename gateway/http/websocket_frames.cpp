#include "gateway/http/websocket_frames.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::gateway {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t close_opcode = 8;
constexpr std::uint64_t mask_bytes = 4;
constexpr std::size_t longest_reason = 123; // 125 bytes of payload, two of them the code

} // namespace

void FrameFollower::pass(std::string_view bytes) noexcept
{
    while (!bytes.empty()) {
        if (left_ == 0) {
            read_header(static_cast<std::uint8_t>(bytes.front()));
            bytes.remove_prefix(1);
            continue;
        }
        const auto skipped = std::min<std::uint64_t>(left_, bytes.size());
        left_ -= skipped;
        bytes.remove_prefix(skipped);
    }
}

void FrameFollower::read_header(std::uint8_t byte) noexcept
{
    switch (part_) {
    case Part::opcode:
        opcode_ = byte & 0x0f;
        part_ = Part::length;
        return;
    case Part::length:
        masked_ = (byte & mask_bit) != 0;
        length_ = byte & 0x7f;
        if (length_ < 126) return begin_payload();
        length_bytes_ = length_ == 126 ? 2 : 8;
        length_ = 0;
        part_ = Part::long_length;
        return;
    case Part::long_length:
        length_ = (length_ << 8U) | byte;
        if (--length_bytes_ == 0) begin_payload();
        return;
    }
}

void FrameFollower::begin_payload() noexcept
{
    // A length nobody may send (its first bit is set) never ends here either.
    constexpr auto most = std::numeric_limits<std::uint64_t>::max() - mask_bytes;
    left_ = std::min(length_, most) + (masked_ ? mask_bytes : 0);
    part_ = Part::opcode;
    closed_ = closed_ || opcode_ == close_opcode;
}

std::uint64_t FrameFollower::missing() const noexcept
{
    switch (part_) {
    case Part::opcode:
        return left_;
    case Part::length:
        return 1;
    case Part::long_length:
        return length_bytes_;
    }
    return 0;
}

std::string close_frame(CloseCode code, std::string_view reason, std::optional<std::uint32_t> mask)
{
    reason = reason.substr(0, longest_reason);
    const auto number = static_cast<std::uint16_t>(code);
    std::string payload{static_cast<char>(number >> 8U), static_cast<char>(number & 0xffU)};
    payload += reason;
    std::string frame{static_cast<char>(final_bit | close_opcode),
                      static_cast<char>(payload.size() | (mask ? mask_bit : 0U))};
    if (!mask) return frame + payload;
    char key[mask_bytes];
    for (std::size_t i = 0; i < mask_bytes; ++i) key[i] = static_cast<char>(*mask >> (8U * i));
    frame.append(key, mask_bytes);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame += static_cast<char>(payload[i] ^ key[i % mask_bytes]);
    }
    return frame;
}

} // namespace gatehouse::gateway
