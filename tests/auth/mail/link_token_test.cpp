#include "auth/jose/base64url.hpp"
#include "auth/mail/link_token.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

TEST(LinkToken, IsRandomAndGoesIntoAUrlAsItIs)
{
    const auto one = make_link_token();
    const auto other = make_link_token();
    EXPECT_EQ(one.size(), 43U);
    EXPECT_NE(one.reveal(), other.reveal());
    EXPECT_EQ(jose::decode_base64url(one.reveal())->size(), 32U);
}

TEST(LinkToken, IsKeptAsItsHash)
{
    const auto token = make_link_token();
    const auto digest = link_digest(token.reveal());
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->size(), 32U);
    EXPECT_EQ(link_digest(token.reveal()), digest);
    EXPECT_NE(jose::decode_base64url(token.reveal()), digest);
    EXPECT_FALSE(link_digest(""));
    EXPECT_FALSE(link_digest(std::string(42, 'x')));
    EXPECT_FALSE(link_digest(std::string(1'000'000, 'x')));
}

} // namespace
} // namespace gatehouse::auth
