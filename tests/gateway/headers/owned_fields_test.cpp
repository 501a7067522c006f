// Which of the client's fields reach the backend, and which are ours alone.
#include "auth/tokens/told_claims.hpp"
#include "tests/gateway/headers/upstream_head_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(UpstreamHead, DropsOwnedNamesInEverySpelling) // R20
{
    settings.identity.header = "X-Remote-User";
    const std::string_view spellings[] = {
        "X-User-Id",
        "x-user-id",
        "X-USER-ID",
        "X_User_Id",
        "x_user_id",
        "X.User.Id",
        "X-User_Id",
        "x~user~id",
        "X!User#Id",
        "X-Session-Id",
        "x_session_id",
        "X-User-Roles",
        "x_user_roles",
        "X-Remote-User",
        "x_remote_user",
        "X.Remote-User",
        "X-Request-Id",
        "X_Request_Id",
        "Forwarded",
        "FORWARDED",
        "X-Forwarded-For",
        "X_Forwarded_For",
        "x-forwarded.host",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        "X-Forwarded-User",
        "x_forwarded_anything",
        "X-Real-IP",
        "x_real.ip",
        "SCRIPT_NAME",
        "Script-Name",
        "PATH_INFO",
        "X-Script-Name",
        "REQUEST_URI",
        "X-Original-URL",
        "x_original_uri",
        "X-Rewrite-URL",
        "X-Envoy-Original-Path",
    };
    for (const auto name : spellings) {
        SCOPED_TRACE(name);
        EXPECT_THAT(passed({
                        {name, "forged"},
                        {"A",  "1"     },
                        {name, "again" }
        }),
                    ElementsAre("A: 1"));
        route_settings.auth = config::AuthMode::none; // on every route, R21
        EXPECT_THAT(write(request("GET", "/",
                                  {
                                      {name, "forged"}
        })),
                    Not(HasSubstr("forged")));
    }
    EXPECT_THAT(passed({
                    {"X-User-Identity", "1"},
                    {"X-UserId",        "2"},
                    {"My-X-User-Id",    "3"}
    }),
                ElementsAre("X-User-Identity: 1", "X-UserId: 2", "My-X-User-Id: 3"));
}

TEST_F(UpstreamHead, WritesTheIdentityLastAndOnce) // R21
{
    settings.identity.session_header = true;
    settings.identity.roles_header = true;
    principal = &user;
    const auto all = lines(write(request("GET", "/",
                                         {
                                             {"x-user-id", "forged"}
    })));
    ASSERT_GE(all.size(), 3U);
    EXPECT_THAT(
        (std::vector<std::string>{all.end() - 3, all.end()}),
        ElementsAre("X-Session-Id: session-1", "X-User-Roles: admin,staff", "X-User-Id: user-1"));

    settings.identity = {};
    settings.identity.header = "X-Remote-User";
    const auto renamed = write(request("GET", "/",
                                       {
                                           {"X-User-Id", "forged"}
    }));
    EXPECT_TRUE(has_line(renamed, "X-Remote-User: user-1"));
    EXPECT_THAT(renamed, Not(HasSubstr("X-User-Id")));

    principal = nullptr;
    EXPECT_THAT(write(request("GET", "/")), Not(HasSubstr("X-Remote-User")));
}

TEST_F(UpstreamHead, AnApiKeyHasAUserAndNoSession)
{
    settings.identity.session_header = true;
    user.session_id = "";
    user.api_key = "key-1";
    principal = &user;
    const auto head = write(request("GET", "/",
                                    {
                                        {"X-Session-Id", "forged"}
    }));
    EXPECT_TRUE(has_line(head, "X-User-Id: user-1"));
    EXPECT_THAT(head, Not(HasSubstr("X-Session-Id")));
    EXPECT_THAT(head, Not(HasSubstr("key-1")));
}

TEST_F(UpstreamHead, WritesClaimsAndProofBesideTheIdentityAndNobodyElseDoes) // R20, R21
{
    settings.identity.headers = {
        {"X-User-Email", "email",     {},  1024},
        {"X-Org",        "org.roles", ",", 1024},
        {"X-Plan",       "org.plan",  {},  1024},
    };
    settings.identity.proof = config::SignedIdentity{};
    auth::ToldClaims told;
    told.texts = {"ann@example.com", "", "pro"};
    user.told = std::make_shared<const auth::ToldClaims>(std::move(told));
    user.proof = std::make_shared<const std::string>("a.b.c");
    principal = &user;
    const std::vector<Field> forged{
        {"x_user_email", "forged"},
        {"X.Org",        "forged"},
        {"x-plan",       "forged"},
        {"X_Identity",   "forged"}
    };
    const auto all = lines(write(request("GET", "/", forged)));
    ASSERT_GE(all.size(), 4U);
    EXPECT_THAT((std::vector<std::string>{all.end() - 4, all.end()}),
                ElementsAre("X-Identity: a.b.c", "X-User-Email: ann@example.com", "X-Plan: pro",
                            "X-User-Id: user-1"));
    EXPECT_THAT(passed(forged), testing::IsEmpty());
    principal = nullptr;
    const auto nobody = write(request("GET", "/", forged));
    EXPECT_THAT(nobody, Not(HasSubstr("forged")));
    EXPECT_THAT(nobody, Not(HasSubstr("X-Plan")));
}

TEST_F(UpstreamHead, LeavesOutRolesThatWouldReadAsOthers) // R22
{
    settings.identity.roles_header = true;
    user.roles = {"ok", "a,admin", "b\r\nX-User-Id: root", ""};
    principal = &user;
    EXPECT_TRUE(has_line(write(request("GET", "/")), "X-User-Roles: ok"));
}

TEST_F(UpstreamHead, WritesNoIdentityThatCouldBreakTheHead) // R22
{
    settings.identity.session_header = true;
    principal = &user;
    for (const auto* id : {"a\r\nX-User-Roles: admin", "", "a,b", "a b", "\x80"}) {
        SCOPED_TRACE(id);
        user.user_id = id;
        user.session_id = "session-1";
        EXPECT_THAT(write(request("GET", "/")), Not(HasSubstr("X-User-")));
        std::swap(user.user_id, user.session_id);
        EXPECT_THAT(write(request("GET", "/")), Not(HasSubstr("X-User-")));
    }
}

TEST_F(UpstreamHead, EndsHopByHopFieldsHere) // R9, R10
{
    EXPECT_THAT(passed({
                    {"Connection",          "keep-alive, Upgrade"},
                    {"Keep-Alive",          "timeout=5"          },
                    {"Proxy-Authorization", "Basic eA=="         },
                    {"Proxy-Connection",    "keep-alive"         },
                    {"Proxy-Anything",      "1"                  },
                    {"Proxy-X",             "1"                  },
                    {"Proxy",               "http://evil"        },
                    {"TE",                  "trailers"           },
                    {"Trailer",             "X-Sum"              },
                    {"Upgrade",             "websocket"          },
                    {"HTTP2-Settings",      "AAMAAABkAAQ"        },
                    {"keep_alive",          "1"                  },
                    {"Accept",              "*/*"                }
    }),
                ElementsAre("Accept: */*"));
}

TEST_F(UpstreamHead, RemovesWhatAnyConnectionLineNames) // R9: also the second line
{
    EXPECT_THAT(passed({
                    {"Connection", "close"           },
                    {"X-One",      "1"               },
                    {"x-two",      "2"               },
                    {"X-Three",    "3"               },
                    {"connection", " ,x-one ,, X-TWO"}
    }),
                ElementsAre("X-Three: 3"));
}

TEST_F(UpstreamHead, LetsNoNominationRemoveWhatMatters) // R9; CVE-2022-31813
{
    principal = &user;
    body = {BodyKind::length, 3};
    const auto head = write(request(
        "POST", "/",
        {
            {"Connection",     "x-user-id, x-forwarded-for, x-forwarded-host, x-forwarded-proto"   },
            {"Connection",     "x-request-id, traceparent, host, content-length, transfer-encoding"},
            {"Connection",     "content-type, cookie, origin"                                      },
            {"Host",           "client.example"                                                    },
            {"Content-Type",   "application/json"                                                  },
            {"Content-Length", "3"                                                                 },
            {"Origin",         "https://a.example"                                                 },
            {"Cookie",         "a=1"                                                               }
    }));
    for (const auto* line :
         {"X-User-Id: user-1", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: http",
          "X-Forwarded-Host: client.example", "X-Request-Id: req-1", "Host: client.example",
          "Content-Length: 3", "Content-Type: application/json", "Cookie: a=1",
          "Origin: https://a.example"}) {
        EXPECT_TRUE(has_line(head, line)) << line << " in\n" << head;
    }
    EXPECT_THAT(lines(head), Contains(StartsWith("traceparent: 00-")));
}

} // namespace
} // namespace gatehouse::gateway::test
