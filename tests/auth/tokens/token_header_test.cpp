#include "auth/jose/base64url.hpp"
#include "auth/tokens/token_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::auth {
namespace {

constexpr std::string_view type = "at+jwt";

std::string header_with(std::string_view more)
{
    return jose::encode_base64url(R"({"typ":"at+jwt","alg":"HS256")" + std::string(more) + "}");
}

std::string kid_in(std::string_view segment)
{
    const auto header = read_header(segment, type);
    return header ? (*header)->kid : std::string(to_string(header.error()));
}

// A thread keeps the header it read last: these go from one to another and back.

TEST(ReadHeader, TakesNoHeaderForTheOneBefore)
{
    const auto one = header_with(R"(,"kid":"one")");
    const auto two = header_with(R"(,"kid":"two")");
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(kid_in(one), "one");
        EXPECT_EQ(kid_in(one), "one");
        EXPECT_EQ(kid_in(two), "two");
    }
}

TEST(ReadHeader, LooksAtTheTypeEachTime)
{
    const auto segment = header_with(R"(,"kid":"one")");
    EXPECT_EQ(kid_in(segment), "one");
    const auto other = read_header(segment, "refresh+jwt");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error(), TokenError::wrong_type);
    EXPECT_EQ(kid_in(segment), "one");
}

TEST(ReadHeader, RefusesWhatOnlyBeginsLikeTheOneBefore)
{
    const auto good = header_with(R"(,"kid":"one")");
    const auto critical = header_with(R"(,"kid":"one","crit":["b64"])");
    EXPECT_EQ(kid_in(good), "one");
    EXPECT_EQ(kid_in(critical), to_string(TokenError::unsupported));
    EXPECT_EQ(kid_in(good.substr(0, good.size() - 4)), to_string(TokenError::malformed));
    EXPECT_EQ(kid_in(good + "AAAA"), to_string(TokenError::malformed));
    EXPECT_EQ(kid_in(""), to_string(TokenError::malformed));
    EXPECT_EQ(kid_in(good), "one");
}

TEST(ReadHeader, ReadsOneThatIsTooLongToBeKept)
{
    const auto padded = header_with(R"(,"kid":"long","x":")" + std::string(600, 'x') + '"');
    EXPECT_EQ(kid_in(padded), "long");
    EXPECT_EQ(kid_in(padded), "long");
    EXPECT_EQ(kid_in(header_with(R"(,"kid":"one")")), "one");
    EXPECT_EQ(kid_in(padded), "long");
}

} // namespace
} // namespace gatehouse::auth
