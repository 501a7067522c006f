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
        {"an unknown body of errors",          "errors: express",
         "g.yaml:3:13: auth.contract.errors: \"express\" is not known here"                                                                                         },
        {"an unknown call",                    "signup: {}",                                                         "g.yaml:3:5: auth.contract.signup: unknown key"},
        {"a status that is none of success",   "login: {success: 202}",
         "g.yaml:3:22: auth.contract.login.success: 202 is no status for this"                                                                                      },
        {"a success that refuses",             "login: {success: 401}",                                              "auth.contract.login.success"                  },
        {"a refusal that tells to wait",       "refresh: {bad_token: 429}",
         "auth.contract.refresh.bad_token: 429 is no status for this"                                                                                               },
        {"a refusal that is none",             "login: {bad_credentials: 200}",
         "auth.contract.login.bad_credentials"                                                                                                                      },
        {"an odd status of a logout",          "logout: {missing_token: 302}",
         "auth.contract.logout.missing_token: 302 is no status for this"                                                                                            },
        {"a body for 204",                     "logout: {success: 204, answer: {message: bye}}",
         "auth.contract.logout.success: 204 has no body"                                                                                                            },
        {"something that cannot be filled in", "login: {answer: {a: $acess_token}}",
         "did you mean \"access_token\"?"                                                                                                                           },
        {"a list",                             "login: {answer: {a: [b], t: $refresh_token}}",
         "g.yaml:3:25: auth.contract.login.answer.a: expected a single value, found a list"                                                                         },
        {"nothing behind a name",              "login: {answer: {a: , t: $refresh_token}}",
         "auth.contract.login.answer.a: has no value"                                                                                                               },
        {"an answer that is no map",           "login: {answer: hello}",
         "auth.contract.login.answer: expected a map"                                                                                                               },
        {"an answer of nothing",               "login: {answer: {}}",                                                "auth.contract.login.answer: is empty"         },
        {"a deep answer",                      "register: {answer: {a: {a: {a: {a: {a: {a: {a: {a: {a: b}}}}}}}}}}",
         "is too deep"                                                                                                                                              },
        {"a refresh token for nobody",         "login: {answer: {a: $access_token}}",
         "nobody would get the refresh token"                                                                                                                       },
        {"a user where none is known",         "logout: {answer: {a: $id}}",
         "$id is not known in this answer"                                                                                                                          },
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

TEST(Contract, WarnsThatNamesAreToldApart)
{
    EXPECT_THAT(to_string(load_contract("login: {unknown_user: 404}").warnings),
                HasSubstr("tells strangers who has an account"));
    EXPECT_THAT(to_string(load_contract("login: {bad_credentials: 400}").warnings),
                Not(HasSubstr("strangers")));
}

} // namespace
} // namespace gatehouse::config
