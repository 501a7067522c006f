// The contracts of other servers, as an operator writes them.
#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string indent = "auth:\n  contract:\n    ";

Loaded load_contract(const std::string& lines)
{
    return load_text(indent + lines, "g.yaml", {});
}

TEST(Contract, IsThatOfTheDocsWhereNothingIsWritten)
{
    const auto loaded = load_text("", "g.yaml", {});
    const auto& contract = loaded.settings.auth.contract;
    EXPECT_EQ(contract.errors, ErrorBody::full);
    EXPECT_FALSE(contract.registration.success);
    EXPECT_THAT(contract.login.answer.members, IsEmpty());
    EXPECT_FALSE(contract.login.unknown_user);
}

TEST(Contract, DrawsAnswersInTheOrderOfTheFile)
{
    const auto loaded = load_contract("login: {success: 201, answer: {b: $refresh_token, a: hello, "
                                      "user: {_id: $id, note: \"5\"}}}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    const auto& login = loaded.settings.auth.contract.login;
    EXPECT_EQ(login.success, 201U);
    ASSERT_EQ(login.answer.members.size(), 3U);
    EXPECT_EQ(login.answer.members[0].name, "b");
    EXPECT_EQ(std::get<Fill>(login.answer.members[0].value), Fill::refresh_token);
    EXPECT_EQ(std::get<std::string>(login.answer.members[1].value), "hello");
    const auto& user = std::get<Shape>(login.answer.members[2].value);
    EXPECT_EQ(std::get<Fill>(user.members[0].value), Fill::id);
    EXPECT_TRUE(login.answer.shows(Fill::id)) << "also further inside";
    EXPECT_FALSE(login.answer.shows(Fill::email));
}

struct Mistake {
    const char* name;
    const char* lines;    // below auth.contract
    const char* expected; // place, key and words
};

TEST(Contract, SaysWhereAMistakeIsAndWhatWouldBeRight)
{
    const Mistake mistakes[] = {
        {"an unknown body of errors",            "errors: express",
         "g.yaml:3:13: auth.contract.errors: \"express\" is not known here"                                                                                           },
        {"an unknown call",                      "signup: {}",                                                         "g.yaml:3:5: auth.contract.signup: unknown key"},
        {"a status that is none of success",     "login: {success: 202}",
         "g.yaml:3:22: auth.contract.login.success: 202 is no status for this"                                                                                        },
        {"a success that refuses",               "login: {success: 401}",                                              "auth.contract.login.success"                  },
        {"a refusal that tells to wait",         "refresh: {bad_token: 429}",
         "auth.contract.refresh.bad_token: 429 is no status for this"                                                                                                 },
        {"a refusal that is none",               "login: {bad_credentials: 200}",
         "auth.contract.login.bad_credentials"                                                                                                                        },
        {"an odd status of a logout",            "logout: {missing_token: 302}",
         "auth.contract.logout.missing_token: 302 is no status for this"                                                                                              },
        {"a body for 204",                       "logout: {success: 204, answer: {message: bye}}",
         "auth.contract.logout.success: 204 has no body"                                                                                                              },
        {"something that cannot be filled in",   "login: {answer: {a: $acess_token}}",
         "did you mean \"access_token\"?"                                                                                                                             },
        {"a list",                               "login: {answer: {a: [b], t: $refresh_token}}",
         "g.yaml:3:25: auth.contract.login.answer.a: expected a single value, found a list"                                                                           },
        {"nothing behind a name",                "login: {answer: {a: , t: $refresh_token}}",
         "auth.contract.login.answer.a: has no value"                                                                                                                 },
        {"an answer that is no map",             "login: {answer: hello}",
         "auth.contract.login.answer: expected a map"                                                                                                                 },
        {"an answer of nothing",                 "login: {answer: {}}",                                                "auth.contract.login.answer: is empty"         },
        {"a deep answer",                        "register: {answer: {a: {a: {a: {a: {a: {a: {a: {a: {a: b}}}}}}}}}}",
         "is too deep"                                                                                                                                                },
        {"a refresh token for nobody",           "login: {answer: {a: $access_token}}",
         "nobody would get the refresh token"                                                                                                                         },
        {"a call nowhere",                       "login: {at: [/auth]}",
         "g.yaml:3:18: auth.contract.login.at[0]: \"/auth\" is not where a call can be"                                                                               },
        {"a call by HEAD",                       "login: {at: [HEAD /auth]}",                                          "auth.contract.login.at[0]"                    },
        {"a call in two spellings",              "login: {at: [POST /%61uth]}",                                        "auth.contract.login.at[0]"                    },
        {"a call above the root",                "login: {at: [POST /../auth]}",                                       "auth.contract.login.at[0]"                    },
        {"a call with a slash behind it",        "login: {at: [POST /auth/]}",
         "auth.contract.login.at[0]"                                                                                                                                  },
        {"two calls in one place",               "login: {at: [POST /x]}\n    logout: {at: [POST /x]}",
         "g.yaml:4:19: auth.contract.logout.at[0]: POST /x is where login is"                                                                                         },
        {"a call where the keys are",            "me: {at: [GET /.well-known/jwks.json]}",
         "the public keys are there"                                                                                                                                  },
        {"two members of one name",              "members: {username: email}",
         "auth.contract.members.email: username is called so too"                                                                                                     },
        {"a member without a name",              "members: {password: \"\"}",                                          "auth.contract.members.password"               },
        {"a role that is none",                  "register: {roles: [a b]}",                                           "auth.contract.register.roles[0]"              },
        {"a status for bad tokens that is none", "bad_access_token: 402",
         "g.yaml:3:23: auth.contract.bad_access_token: \"402\" is not known here"                                                                                     },
        {"a token in a token",                   "claims: {a: {b: $access_token}}",
         "auth.contract.claims.a.b: \"$access_token\" is nothing that can be filled in here"                                                                          },
        {"a claim of ours",                      "claims: {exp: never}",
         "g.yaml:3:19: auth.contract.claims.exp: Gatehouse writes this claim itself"                                                                                  },
        {"the time of the login",                "claims: {auth_time: never}",
         "auth.contract.claims.auth_time: Gatehouse writes this claim itself"                                                                                         },
        {"the way of the login",                 "claims: {amr: hwk}",
         "auth.contract.claims.amr: Gatehouse writes this claim itself"                                                                                               },
        {"a cookie that goes nowhere",           "cookie: {path: auth}",                                               "is not a path for a cookie"                   },
        {"a user where none is known",           "logout: {answer: {a: $id}}",
         "$id is not known in this answer"                                                                                                                            },
    };
    for (const auto& m : mistakes) {
        SCOPED_TRACE(m.name);
        const auto loaded = load_contract(m.lines);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(m.expected));
    }
}

TEST(Contract, KnowsThatACookieLeavesTheBody)
{
    const auto loaded = load_text("auth:\n  delivery: cookie\n  contract:\n    login: {answer: {t: "
                                  "$refresh_token}}",
                                  "g.yaml", {});
    EXPECT_THAT(to_string(loaded.errors), HasSubstr("g.yaml:4:21: auth.contract.login.answer: "
                                                    "$refresh_token is not there"));
    EXPECT_TRUE(load_text("auth:\n  delivery: cookie\n  contract:\n    login: {answer: {t: "
                          "$access_token}}",
                          "g.yaml", {})
                    .ok());
}

TEST(Contract, KnowsWhereBrowsersSendACookie)
{
    const std::string begin = "auth:\n  delivery: cookie\n  contract:\n    refresh: {at: [GET /";
    EXPECT_THAT(to_string(load_text(begin + "refresh]}", "g.yaml", {}).errors),
                HasSubstr("auth.contract.cookie.path: browsers would not send the cookie to GET "
                          "/refresh"));
    EXPECT_TRUE(load_text(begin + "refresh]}\n    cookie: {path: /}", "g.yaml", {}).ok());
    EXPECT_TRUE(load_text(begin + "auth/refresh]}", "g.yaml", {}).ok());
    EXPECT_FALSE(load_text(begin + "authentic]}", "g.yaml", {}).ok());
    EXPECT_THAT(
        to_string(
            load_text(begin + "auth/x]}\n    cookie: {same_site: none}", "g.yaml", {}).warnings),
        HasSubstr("none of them may use the cookie"));
}

TEST(Contract, KnowsWhereAnAccessCookieHasToGo)
{
    const auto with = [](const std::string& rest) {
        return to_string(load_text("auth:\n  cookie_name: jwt\n" + rest, "g.yaml", {}).errors);
    };
    EXPECT_THAT(
        with("  contract: {access_cookie: true}"),
        HasSubstr("g.yaml:3:29: auth.contract.access_cookie: needs a session whose tokens"));
    EXPECT_THAT(
        with("  delivery: cookie\n  contract: {access_cookie: true, cookie: {path: /auth}}"),
        HasSubstr("auth.contract.cookie.path: browsers would not send the access token"));
    EXPECT_THAT(with("  delivery: cookie\n  access_cookie_name: jwt\n"
                     "  contract: {access_cookie: true}"),
                HasSubstr("auth.access_cookie_name: auth.cookie_name is called so too"));
    EXPECT_THAT(with("  delivery: cookie\n  csrf_cookie_name: access_token\n"
                     "  contract: {access_cookie: true}"),
                HasSubstr("auth.csrf_cookie_name: auth.access_cookie_name is called so too"));
    EXPECT_THAT(
        with("  delivery: cookie\n  csrf_cookie_name: gatehouse_device\n"
             "  contract: {access_cookie: true}"),
        HasSubstr(
            "auth.csrf_cookie_name: the cookie by which browsers are known is called so too"));
    EXPECT_EQ(with("  delivery: cookie\n  contract: {access_cookie: true}"), "");
}

TEST(Contract, KnowsThatASessionCookieIsForEveryPath)
{
    const auto load = [](const std::string& auth) {
        return load_text(auth + "routes: [{match: /a, session_cookie: true, to: 'http://a'},\n"
                                "         {match: /b, to: 'http://a'}]\n",
                         "g.yaml", {});
    };
    const auto loaded = load("");
    EXPECT_EQ(to_string(loaded.errors), "");
    EXPECT_TRUE(loaded.settings.auth.session_cookies);
    EXPECT_EQ(loaded.settings.auth.cookie_path(), "/");
    EXPECT_THAT(to_string(load("auth: {contract: {cookie: {path: /auth}}}\n").errors),
                HasSubstr("auth.contract.cookie.path: browsers would not send the access token"));
    EXPECT_EQ(load_text("", "g.yaml", {}).settings.auth.cookie_path(), "/auth");
}

TEST(Contract, KnowsWhereAHostCookieHasToGo)
{
    const auto with = [](const std::string& rest) {
        const auto text = "auth:\n  cookie_name: __Host-jwt\n" + rest;
        return to_string(load_text(text, "g.yaml", {}).errors);
    };
    EXPECT_THAT(with(""), HasSubstr("g.yaml:2:16: auth.cookie_name: browsers take no __Host- "
                                    "cookie for /auth alone"));
    EXPECT_EQ(with("  contract: {cookie: {path: /}}"), "");
    EXPECT_EQ(with("  delivery: cookie\n  contract: {access_cookie: true}"), "");
}

TEST(Contract, KeepsRoutesAwayFromItsCalls)
{
    const auto with_route = [](const std::string& match) {
        return load_contract("login: {at: [POST /login, POST /auth/in]}\nroutes:\n  - {match: " +
                             match + ", to: \"http://a:1\"}");
    };
    EXPECT_THAT(to_string(with_route("/login").errors),
                HasSubstr("g.yaml:5:13: routes[0].match: this path is answered by Gatehouse"));
    EXPECT_TRUE(with_route("/login/help").ok());
    EXPECT_TRUE(with_route("/**").ok());
    EXPECT_THAT(with_route("/**").settings.auth.contract.outer_paths,
                testing::ElementsAre("/login"));
}

TEST(Contract, WarnsThatNamesAreToldApart)
{
    EXPECT_THAT(to_string(load_contract("login: {unknown_user: 404}").warnings),
                HasSubstr("tells strangers who has an account"));
    EXPECT_THAT(to_string(load_contract("login: {bad_credentials: 400}").warnings),
                Not(HasSubstr("strangers")));
}

} // namespace
} // namespace gatehouse::config
