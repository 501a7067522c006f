// Where an access token may stand, and which page may have sent it.
#include "gateway/pipeline/credential.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using auth::TokenError;
using Fields = std::vector<Field>;

/// "token", "token by cookie", or the error.
std::string found(const Fields& fields, std::string_view cookie_name)
{
    const auto credential = credential_of(fields, cookie_name);
    if (!credential) return std::string(to_string(credential.error()));
    return std::string(credential->token) + (credential->by_cookie ? " by cookie" : "");
}

TEST(Credential, ComesByAuthorizationOrTheNamedCookie)
{
    const Field bearer{"Authorization", "Bearer a"};
    const Field basic{"Authorization", "Basic a"};
    const Field same{"cookie", "x=y; accessToken=a"};
    const Field other{"Cookie", "accessToken=b"};

    struct Case {
        const char* name;
        Fields fields;
        std::string expected;
    };

    const std::string missing(to_string(TokenError::missing));
    const std::string ambiguous(to_string(TokenError::ambiguous));
    const Case cases[] = {
        {"nothing",                      {},                                            missing      },
        {"a bearer",                     {bearer},                                      "a"          },
        {"a cookie",                     {same},                                        "a by cookie"},
        {"another scheme and a cookie",  {basic, same},                                 "a by cookie"},
        {"both, the same",               {bearer, same},                                "a"          },
        {"both, of two people",          {bearer, other},                               "a"          },
        {"two cookies",                  {same, other},                                 ambiguous    },
        {"two, one of them empty",       {{"Cookie", "accessToken=; accessToken=a"}},   ambiguous    },
        {"one cookie twice",             {same, same},                                  "a by cookie"},
        {"an empty cookie",              {{"Cookie", "accessToken="}},                  missing      },
        {"an empty cookie and a bearer", {bearer, {"Cookie", "accessToken="}},          "a"          },
        {"two bearers and a cookie",     {bearer, bearer, same},                        ambiguous    },
        {"a cookie of another name",     {{"Cookie", "AccessToken=a; accessToken2=a"}}, missing      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(found(c.fields, "accessToken"), c.expected);
    }
    EXPECT_EQ(found(
                  {
                      {"Cookie", "accessToken=gh_key"}
    },
                  "accessToken"),
              to_string(TokenError::wrong_type))
        << "machines have no cookies";
    EXPECT_EQ(found(
                  {
                      {"Authorization", "Bearer gh_key"}
    },
                  "accessToken"),
              "gh_key");
    EXPECT_EQ(found({same}, ""), missing)
        << "R37: no cookie carries one unless the contract says so";
}

} // namespace
} // namespace gatehouse::gateway
