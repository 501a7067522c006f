// Frames of a WebSocket: where they end does not depend on how the bytes were cut, and is where a
// reader that has all of them finds it; a close frame of ours fits between any two.
#include "gateway/http/websocket_frames.hpp"

#include "tests/fuzz/must.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

using namespace gatehouse::gateway;

namespace {

struct Place {
    bool between = true;
    bool closed = false;
    std::uint64_t inside = 0; // bytes of a frame that is not whole
};

/// RFC 6455, 5.2, with everything at hand.
Place read_whole(std::string_view bytes)
{
    Place place;
    while (!bytes.empty()) {
        place.inside = bytes.size();
        place.between = false;
        if (bytes.size() < 2) return place;
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
        const bool is_close = (byte(0) & 0x0fU) == 8;
        std::uint64_t length = byte(1) & 0x7fU;
        const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (bytes.size() < 2 + more) return place;
        if (more != 0) length = 0;
        for (std::size_t i = 0; i < more; ++i) length = (length << 8U) | byte(2 + i);
        place.closed = place.closed || is_close;
        const std::uint64_t head = 2 + more + ((byte(1) & 0x80U) != 0 ? 4 : 0);
        const std::uint64_t rest = bytes.size();
        if (rest < head || rest - head < length) return place;
        bytes.remove_prefix(static_cast<std::size_t>(head + length));
        place.inside = 0;
        place.between = true;
    }
    return place;
}

void must_be_at(const FrameFollower& frames, const Place& place)
{
    must(frames.is_between_frames() == place.between, "it knows where it is");
    must((frames.missing() == 0) == place.between, "a frame that has begun lacks something");
    must(frames.has_closed() == place.closed, "it notes a close");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::size_t piece = 1U + data[0] % 16U;
    const std::vector<char> exact(data + 1, data + size);
    const std::string_view bytes(exact.data(), exact.size());

    FrameFollower at_once;
    at_once.pass(bytes);
    const auto place = read_whole(bytes);
    must_be_at(at_once, place);

    FrameFollower in_pieces;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        in_pieces.pass(bytes.substr(at, piece));
    }
    must_be_at(in_pieces, place);

    // No more than the frame needs: what is asked for step by step ends at its end.
    FrameFollower step_by_step;
    std::size_t at = 0;
    while (at < bytes.size() && (at == 0 || !step_by_step.is_between_frames())) {
        const auto wanted = at == 0 ? 1 : step_by_step.missing();
        if (wanted > bytes.size() - at) return 0;
        step_by_step.pass(bytes.substr(at, static_cast<std::size_t>(wanted)));
        at += static_cast<std::size_t>(wanted);
    }
    if (!step_by_step.is_between_frames()) return 0;
    must(read_whole(bytes.substr(0, at)).between, "it stops where a frame ends");
    const auto ours = close_frame(CloseCode::going_away, bytes,
                                  size % 2 == 0 ? std::nullopt : std::optional<std::uint32_t>(7));
    step_by_step.pass(ours);
    must(step_by_step.is_between_frames() && step_by_step.has_closed(), "ours fits in there");
    return 0;
}
