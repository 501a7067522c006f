#include "gateway/http/websocket_frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::string_literals;

std::string frame(std::size_t payload, bool masked = false, char first = '\x82')
{
    std::string text{first};
    const char mask = masked ? '\x80' : '\0';
    if (payload < 126) {
        text += static_cast<char>(mask | static_cast<char>(payload));
    } else if (payload < 65536) {
        text += static_cast<char>(mask | 126);
        for (int shift = 8; shift >= 0; shift -= 8) text += static_cast<char>(payload >> shift);
    } else {
        text += static_cast<char>(mask | 127);
        for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(payload >> shift);
    }
    if (masked) text += "mask";
    return text + std::string(payload, '\x81');
}

TEST(FrameFollower, KnowsWhereEachFrameEnds)
{
    struct Case {
        const char* name;
        std::string bytes;
    };

    const Case cases[] = {
        {"an empty one", frame(0)},
        {"a short one", frame(5)},
        {"the longest short one", frame(125)},
        {"a masked one", frame(5, true)},
        {"an empty masked one", frame(0, true)},
        {"16 bits of length", frame(126)},
        {"16 bits, masked", frame(65535, true)},
        {"64 bits of length", frame(65536)},
        {"64 bits, masked", frame(70000, true)},
        {"a ping", frame(3, false, '\x89')},
        {"reserved bits", frame(3, false, '\xf3')},
        {"a piece of a message", frame(200, false, '\x01')},
        {"a length in long form", "\x82\x7e\x00\x01x"s},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        FrameFollower at_once;
        at_once.pass(c.bytes);
        EXPECT_TRUE(at_once.is_between_frames());
        EXPECT_EQ(at_once.missing(), 0U);
        EXPECT_FALSE(at_once.has_closed());

        FrameFollower slowly;
        for (std::size_t at = 0; at < c.bytes.size(); ++at) {
            const bool inside = at > 0;
            ASSERT_EQ(slowly.is_between_frames(), !inside) << at;
            ASSERT_LE(slowly.missing(), c.bytes.size() - at) << "it would take of the next one";
            ASSERT_EQ(slowly.missing() > 0, inside);
            slowly.pass({&c.bytes[at], 1});
        }
        EXPECT_TRUE(slowly.is_between_frames());
        slowly.pass(c.bytes);
        EXPECT_TRUE(slowly.is_between_frames()) << "the next one as well";
    }
}

TEST(FrameFollower, NotesAClose)
{
    FrameFollower frames;
    frames.pass(frame(3) + frame(0, false, '\x88').substr(0, 1));
    EXPECT_FALSE(frames.has_closed());
    frames.pass(frame(0, false, '\x88').substr(1));
    EXPECT_TRUE(frames.has_closed());
    EXPECT_TRUE(frames.is_between_frames());
}

TEST(FrameFollower, NeverEndsAFrameOfALengthThatNobodyMaySend)
{
    FrameFollower frames;
    frames.pass("\x82\xff"s + std::string(8, '\xff') + std::string(100'000, 'x'));
    EXPECT_FALSE(frames.is_between_frames());
    EXPECT_GT(frames.missing(), std::uint64_t{1} << 63U);
}

TEST(CloseFrame, SaysCodeAndReason)
{
    EXPECT_EQ(close_frame(CloseCode::policy_violation, "no", std::nullopt), "\x88\x04\x03\xf0no");
    EXPECT_EQ(close_frame(CloseCode::going_away, "", std::nullopt), "\x88\x02\x03\xe9"s);
    EXPECT_EQ(close_frame(CloseCode::going_away, "", 0x04030201),
              "\x88\x82\x01\x02\x03\x04\x02\xeb"s);
    const auto longest = close_frame(CloseCode::going_away, std::string(500, 'x'), 7);
    EXPECT_EQ(longest.size(), 2U + 4U + 125U);
    FrameFollower frames;
    frames.pass(longest);
    EXPECT_TRUE(frames.is_between_frames());
    EXPECT_TRUE(frames.has_closed());
}

} // namespace
} // namespace gatehouse::gateway
