#include "gateway/compress/body_encoder.hpp"
#include "tests/gateway/compress/decoded.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gatehouse::gateway {
namespace {

using config::CompressionLevel;
using Step = BodyEncoder::Step;

constexpr ContentCoding all[] = {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip};

std::unique_ptr<BodyEncoder> encoder(ContentCoding coding,
                                     CompressionLevel level = CompressionLevel::low)
{
    return make_encoder(coding, level, {});
}

std::string packed(BodyEncoder& encoder, std::string_view text, Step step)
{
    const auto bytes = encoder.take({text.data(), text.size()}, step);
    EXPECT_TRUE(bytes);
    return std::string(bytes.value_or(""));
}

std::string words(std::size_t bytes)
{
    std::string text;
    for (int i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i * 7919) + "\n";
    text.resize(bytes);
    return text;
}

std::string noise(std::size_t bytes)
{
    std::mt19937 random(7);
    std::string text(bytes, '\0');
    for (auto& c : text) c = static_cast<char>(random());
    return text;
}

TEST(BodyEncoder, PacksWhatCanBeReadAgain)
{
    for (const auto coding : all) {
        for (const auto level :
             {CompressionLevel::low, CompressionLevel::medium, CompressionLevel::high}) {
            for (const auto& text : {std::string(), std::string("a"), words(300'000),
                                     noise(200'000), std::string(1'000'000, 'a')}) {
                const auto to = encoder(coding, level);
                ASSERT_TRUE(to);
                std::string bytes;
                std::string_view rest = text;
                while (rest.size() > BodyEncoder::most_at_once) {
                    bytes += packed(*to, rest.substr(0, BodyEncoder::most_at_once), Step::more);
                    rest.remove_prefix(BodyEncoder::most_at_once);
                }
                bytes += packed(*to, rest, Step::finish);
                const auto read = test::decoded(coding, bytes);
                ASSERT_TRUE(read) << to_string(coding);
                EXPECT_TRUE(read->text == text) << to_string(coding) << text.size();
                EXPECT_TRUE(read->is_whole) << to_string(coding);
                EXPECT_EQ(to->bytes_in(), text.size());
                EXPECT_EQ(to->bytes_out(), bytes.size());
                EXPECT_LT(bytes.size(), text.size() + text.size() / 100 + 64);
            }
        }
    }
}

TEST(BodyEncoder, GivesOutAllWhenItIsFlushed)
{
    for (const auto coding : all) {
        const auto to = encoder(coding);
        EXPECT_FALSE(to->holds_back());
        std::string bytes = packed(*to, "one", Step::more);
        EXPECT_TRUE(to->holds_back());
        bytes += packed(*to, {}, Step::flush);
        EXPECT_FALSE(to->holds_back());
        auto read = test::decoded(coding, bytes);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->text, "one") << to_string(coding);
        EXPECT_FALSE(read->is_whole); // cut off here, it looks so
        bytes += packed(*to, " two", Step::more);
        bytes += packed(*to, {}, Step::finish);
        read = test::decoded(coding, bytes);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->text, "one two");
        EXPECT_TRUE(read->is_whole);
    }
}

TEST(EncoderMemory, IsTakenAndGivenBack)
{
    EncoderMemory memory;
    {
        const auto one = memory.take(60, 100);
        EXPECT_TRUE(one);
        EXPECT_FALSE(memory.take(60, 100));
        EXPECT_TRUE(memory.take(40, 100));
        EXPECT_EQ(memory.used(), 60U);
        auto moved = memory.take(1, 100);
        const auto to = make_encoder(ContentCoding::gzip, CompressionLevel::low, std::move(moved));
        EXPECT_EQ(memory.used(), 61U);
    }
    EXPECT_EQ(memory.used(), 0U);
}

} // namespace
} // namespace gatehouse::gateway
