#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string secret(32, 'a');

Loaded load_identity(const std::string& identity, const std::string& more = "")
{
    const std::string here = "listen: [{address: '127.0.0.1:80'}]\n"; // no warning of the issuer
    return load_text(here + more + "\nidentity: " + identity, "g.yaml", {});
}

TEST(Identity, IsToldInHeadersOfOnesOwn)
{
    const auto loaded = load_identity(
        R"({headers: [{name: X-User-Email, claim: email}, {name: X-Org, claim: org.roles, join: ",", max: 64B}],
            signed: {header: X-Proof, ttl: 30s, audience: inside}})",
        "auth: {contract: {claims: {email: $email, org: {roles: $roles}}}}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& identity = loaded.settings.identity;
    ASSERT_EQ(identity.headers.size(), 2U);
    EXPECT_EQ(identity.headers[0].name, "X-User-Email");
    EXPECT_FALSE(identity.headers[0].join);
    EXPECT_EQ(identity.headers[0].max_bytes, 1024U);
    EXPECT_EQ(identity.headers[1].claim, "org.roles");
    EXPECT_EQ(identity.headers[1].join, ",");
    ASSERT_TRUE(identity.proof);
    EXPECT_EQ(identity.proof->header, "X-Proof");
    EXPECT_EQ(identity.proof->ttl, std::chrono::seconds(30));
    EXPECT_EQ(identity.proof->audience, "inside");
    EXPECT_FALSE(load_identity("{header: X-Me}").settings.identity.proof);
    EXPECT_EQ(load_identity("{signed: {}}").settings.identity.proof->header, "X-Identity");
}

TEST(Identity, SaysWhatIsWrongWithAHeader)
{
    struct Case {
        const char* name;
        const char* identity;
        const char* expected;
    };

    const Case cases[] = {
        {"no name",                    "{headers: [{claim: sub}]}",                                     "identity.headers[0].name: is missing" },
        {"no claim",                   "{headers: [{name: X-A}]}",                                      "identity.headers[0].claim: is missing"},
        {"a name with blanks",         "{headers: [{name: X A, claim: sub}]}",                          "is not a header name"                 },
        {"one that frames",            "{headers: [{name: Content-Length, claim: sub}]}",
         "already means something else"                                                                                                        },
        {"one in disguise",            "{headers: [{name: x_session_id, claim: sub}]}",
         "already means something else"                                                                                                        }, // R20
        {"one of a proxy",             "{headers: [{name: X-Forwarded-User, claim: sub}]}",
         "already means something else"                                                                                                        },
        {"one of a handshake",         "{header: Sec_WebSocket_Key}",                                   "already means something else"         },
        {"one of traces",              "{headers: [{name: baggage, claim: sub}]}",
         "already means something else"                                                                                                        },
        {"the other one of traces",    "{header: Tracestate}",                                          "already means something else"         },
        {"one a trusted proxy writes", "{header: X-Real-IP}",                                           "already means something else"         },
        {"one of HTTP/2",              "{signed: {header: HTTP2-Settings}}",                            "already means something else"         },
        {"the id's",                   "{headers: [{name: x.user.id, claim: sub}]}",                    "is the name of another header"        },
        {"a name twice",               "{headers: [{name: X-A, claim: sub}, {name: X_A, claim: sid}]}",
         "identity.headers[1].name: \"X_A\" is the name of another header"                                                                     },
        {"the proof's",                "{headers: [{name: X-Identity, claim: sub}], signed: {}}",
         "identity.signed.header: \"X-Identity\" is the name of another header"                                                                },
        {"the id as a proof",          "{signed: {header: X-User-Id}}",                                 "is the name of another header"        },
        {"no path",                    "{headers: [{name: X-A, claim: a..b}]}",                         "is not the path of a claim"           },
        {"a word between",             "{headers: [{name: X-A, claim: roles, join: and}]}",
         "does not separate values"                                                                                                            },
        {"a line end between",         "{headers: [{name: X-A, claim: roles, join: \"\\n\"}]}",
         "does not separate values"                                                                                                            }, // R22
        {"nothing between",            "{headers: [{name: X-A, claim: roles, join: ''}]}",
         "does not separate values"                                                                                                            },
        {"too large",                  "{headers: [{name: X-A, claim: sub, max: 1MiB}]}",               "is out of range"                      },
        {"too large together",
         "{headers: [{name: X-A, claim: sub, max: 8KiB}, {name: X-B, claim: sub, max: 8KiB}, "
         "{name: X-C, claim: sub, max: 8KiB}, {name: X-D, claim: sub, max: 8KiB}, {name: X-E, "
         "claim: sub}]}",                                                                               "may be 32KiB in all"                  },
        {"a proof for ever",           "{signed: {ttl: 1d}}",                                           "is out of range"                      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_identity(c.identity);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Identity, IsNotSignedUnderASecret)
{
    const auto loaded = load_text(
        "tokens: {algorithm: HS256}\nidentity: {signed: {}}", "g.yaml",
        {
            {"ACCESS_TOKEN_SECRET", secret},
            {"REFRESH_TOKEN_SECRET", std::string(32, 'b')}
    });
    EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
    EXPECT_THAT(to_string(loaded.errors), HasSubstr("HS256 has no public key"));
}

TEST(Identity, WarnsOfHeadersThatAreNeverSent)
{
    EXPECT_THAT(to_string(load_identity("{headers: [{name: X-A, claim: email}]}").warnings),
                HasSubstr("no access token has \"email\": the header is never sent"));
    EXPECT_THAT(to_string(load_identity("{headers: [{name: X-A, claim: roles}]}").warnings),
                HasSubstr("for example join"));
    EXPECT_THAT(load_identity("{headers: [{name: X-A, claim: roles, join: ','}]}").warnings,
                IsEmpty());
    EXPECT_THAT(load_identity("{headers: [{name: X-A, claim: sid}]}").warnings, IsEmpty());
}

TEST(Identity, NeedsATokenWhereALoginHasToBeRecent)
{
    const auto route = [](const std::string& auth) {
        return load_text(
            "routes: [{match: /a, to: 'http://a:1', max_auth_age: 5m, on_expiry: keep, auth: " +
                auth + "}]",
            "g.yaml", {});
    };
    EXPECT_THAT(to_string(route("none").errors),
                HasSubstr("routes[0].max_auth_age: this route looks at no token"));
    const auto good = route("required");
    ASSERT_TRUE(good.ok()) << to_string(good.errors);
    EXPECT_EQ(good.settings.routes[0].max_auth_age, std::chrono::minutes(5));
    EXPECT_EQ(good.settings.routes[0].on_expiry, OnExpiry::keep);
    EXPECT_EQ(RouteSettings{}.on_expiry, OnExpiry::close);
}

} // namespace
} // namespace gatehouse::config
