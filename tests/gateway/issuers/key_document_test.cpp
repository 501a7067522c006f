#include "gateway/issuers/key_fetch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(MaxAgeIn, IsWhatCacheControlSays)
{
    const std::pair<const char*, std::optional<std::chrono::seconds>> rows[] = {
        {"max-age=600",                            600s        },
        {"public, max-age=86400, must-revalidate", 86400s      },
        {"Max-Age=5",                              5s          },
        {"max-age=600, no-store",                  0s          },
        {"no-cache",                               0s          },
        {"max-age=\"600\"",                        std::nullopt},
        {"max-age=-1",                             std::nullopt},
        {"max-age=99999999999999999999",           std::nullopt},
        {"s-maxage=600",                           std::nullopt},
        {"max-age=",                               std::nullopt},
        {"",                                       std::nullopt},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(max_age_in(text), expected) << text;
}

TEST(DiscoveryUrl, StandsBelowTheIssuer)
{
    EXPECT_EQ(discovery_url("https://id.test"), "https://id.test/.well-known/openid-configuration");
    EXPECT_EQ(discovery_url("https://id.test/"),
              "https://id.test/.well-known/openid-configuration");
    EXPECT_EQ(discovery_url("https://id.test/realms/a"),
              "https://id.test/realms/a/.well-known/openid-configuration");
}

TEST(KeyPlaceIn, TakesWhatTheIssuerItselfSays)
{
    const auto good = key_place_in(
        R"({"issuer":"https://id.test","jwks_uri":"https://keys.test/jwks","more":[1]})",
        "https://id.test");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->url, "https://keys.test/jwks");
    const std::pair<const char*, const char*> rows[] = {
        {R"({"issuer":"https://evil.test","jwks_uri":"https://k.test"})",   "another issuer"},
        {R"({"issuer":"https://id.test/","jwks_uri":"https://k.test"})",    "another issuer"},
        {R"({"jwks_uri":"https://k.test"})",                                "another issuer"},
        {R"({"issuer":"https://id.test"})",                                 "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":7})",                    "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"file:///etc/passwd"})", "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"https://u:p@k.test"})", "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"https://u:p@k?a=1"})",  "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"https://k.test/k#a"})", "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"https://k.test?a b"})", "no jwks_uri"   },
        {R"({"issuer":"https://id.test","jwks_uri":"http://k.test?p=1"})",  "without TLS"   },
        {R"({"issuer":"https://id.test","jwks_uri":"http://k.test"})",      "without TLS"   },
        {"<html>",                                                          "no JSON"       },
        {"[]",                                                              "no JSON"       },
    };
    for (const auto& [document, why] : rows) {
        const auto place = key_place_in(document, "https://id.test");
        ASSERT_FALSE(place) << document;
        EXPECT_THAT(place.error().message, HasSubstr(why)) << document;
    }
    EXPECT_TRUE(key_place_in(R"({"issuer":"http://127.0.0.1:1","jwks_uri":"http://127.0.0.1:1/k"})",
                             "http://127.0.0.1:1"));
}

TEST(KeyPlaceIn, TakesAQueryThatTheIssuerAsksFor)
{
    for (const std::string url :
         {"https://id.test/common/discovery/keys?appid=11111111-aaaa",
          "https://id.test/keys?p=b2c_1_sign_in&x=%20:@/?", "https://id.test?p=1"}) {
        const auto place = key_place_in(
            R"({"issuer":"https://id.test","jwks_uri":")" + url + R"("})", "https://id.test");
        ASSERT_TRUE(place) << url;
        EXPECT_EQ(place->url, url);
    }
}

} // namespace
} // namespace gatehouse::gateway
