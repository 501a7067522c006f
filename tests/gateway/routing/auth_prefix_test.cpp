#include "gateway/routing/auth_prefix.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(AuthPrefix, HoldsWhatLiesUnderIt)
{
    for (const auto* path : {"/auth", "/auth/", "/auth/login"})
        EXPECT_TRUE(is_under(path, "/auth")) << path;
    for (const auto* path : {"/", "/aut", "/authx", "/authx/login", "/Auth/login", "/x/auth/login"})
        EXPECT_FALSE(is_under(path, "/auth")) << path;
}

TEST(AuthPrefix, IsRecognisedInOtherClothes) // R26
{
    for (const auto* path :
         {"/auth/login", "/AUTH/login", "/Auth", "/auth;x=1/login", "/aUTH;/", "/auth%20/login",
          "/auth./login", "/Auth.%20./login", "/auth%3bx/login", "/auth%3B"})
        EXPECT_TRUE(resembles(path, "/auth")) << path;
    for (const auto* path : {"/", "/authx", "/x/auth", "/au%20th", "/auth.x/login", "/auth%20x",
                             "/%20auth/login", "/au;th"})
        EXPECT_FALSE(resembles(path, "/auth")) << path;
    EXPECT_TRUE(resembles("/API/a%2Buth/login", "/api/a+uth"));
    EXPECT_FALSE(resembles("/api/users", "/api/auth"));
    EXPECT_FALSE(resembles("/anything", ""));
}

} // namespace
} // namespace gatehouse::gateway
