#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Loaded load_passkeys(const std::string& passkeys)
{
    const std::string here = "listen: [{address: '127.0.0.1:80'}]\n"; // no warning of the issuer
    return load_text(here + "passkeys: " + passkeys, "g.yaml", {});
}

TEST(Passkeys, AreForADomainAndItsPages)
{
    const auto loaded = load_passkeys(
        "{rp_id: example.com, rp_name: Example, challenge_ttl: 2m, user_verification: required, "
        "origins: ['https://example.com', 'https://login.example.com:8443']}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& passkeys = loaded.settings.passkeys;
    EXPECT_TRUE(passkeys.is_on());
    EXPECT_EQ(passkeys.challenge_ttl, std::chrono::minutes(2));
    EXPECT_EQ(passkeys.user_verification, AuthenticatorWish::required);
    EXPECT_THAT(passkeys.all_origins(),
                ElementsAre("https://example.com", "https://login.example.com:8443"));
    EXPECT_THAT(load_passkeys("{rp_id: a.example.com}").settings.passkeys.all_origins(),
                ElementsAre("https://a.example.com"));
    EXPECT_FALSE(load_text("{}", "g.yaml", {}).settings.passkeys.is_on());
}

TEST(Passkeys, SaysWhichDomainsAndPagesCannotBe)
{
    struct Case {
        const char* name;
        const char* passkeys;
        const char* expected; // "": it is all right
    };

    const Case cases[] = {
        {"localhost over HTTP",              "{rp_id: localhost, origins: ['http://localhost:8080']}",         ""                          },
        {"a name below localhost",           "{rp_id: app.localhost, origins: ['http://app.localhost:8080']}",
         ""                                                                                                                                },
        {"a dash and digits",                "{rp_id: 4-you.example.com}",                                     ""                          },
        {"an end of domains",                "{rp_id: com}",                                                   "which belongs to nobody"   },
        {"IPv4",                             "{rp_id: 127.0.0.1}",                                             "is an address"             },
        {"IPv6",                             "{rp_id: '::1'}",                                                 "is an address"             },
        {"IPv6 in brackets",                 "{rp_id: '[::1]'}",                                               "is not a domain"           },
        {"an origin",                        "{rp_id: 'https://example.com'}",                                 "is an origin and no domain"},
        {"a port",                           "{rp_id: 'example.com:443'}",                                     "is not a domain"           },
        {"capitals",                         "{rp_id: Example.com}",                                           "is not a domain"           },
        {"letters beyond ASCII",             "{rp_id: b\u00fccher.example}",                                   "is not a domain"           },
        {"a dot at the end",                 "{rp_id: example.com.}",                                          "is not a domain"           },
        {"two dots",                         "{rp_id: example..com}",                                          "is not a domain"           },
        {"a dash at the end of a label",     "{rp_id: a-.example.com}",                                        "is not a domain"           },
        {"a label too long",
         "{rp_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example}",                  "is not a domain"           },
        {"nothing",                          "{rp_id: ''}",                                                    "is not a domain"           },
        {"a page of another domain",         "{rp_id: example.com, origins: ['https://example.org']}",
         "passkeys.origins[0]: \"https://example.org\" is neither example.com nor below it"                                                },
        {"a page whose domain only ends so",
         "{rp_id: example.com, origins: ['https://badexample.com']}",                                          "nor below it"              },
        {"a page above it",                  "{rp_id: a.example.com, origins: ['https://example.com']}",
         "nor below it"                                                                                                                    },
        {"a page that is not secure",        "{rp_id: example.com, origins: ['http://example.com']}",
         "is no secure page"                                                                                                               },
        {"one named like this machine",
         "{rp_id: example.com, origins: ['http://localhost.example.com']}",                                    "is no secure page"         },
        {"no origin",                        "{rp_id: example.com, origins: ['example.com']}",                 "is not an origin"          },
        {"a challenge for a day",            "{rp_id: example.com, challenge_ttl: 1d}",                        "is out of range"           },
        {"another word",                     "{rp_id: example.com, user_verification: always}",                "required"                  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_passkeys(c.passkeys);
        EXPECT_EQ(loaded.ok(), std::string_view(c.expected).empty()) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Passkeys, SaysWhatTheyWouldNotDo)
{
    const auto unnamed = load_passkeys("{origins: ['https://example.com']}");
    EXPECT_TRUE(unnamed.ok());
    EXPECT_THAT(to_string(unnamed.warnings), HasSubstr("answers 501 not_configured"));
    const auto local = load_passkeys("{rp_id: localhost}");
    EXPECT_TRUE(local.ok());
    EXPECT_THAT(to_string(local.warnings), HasSubstr("without a port"));
}

TEST(Passkeys, MayBeWhereAnotherServerHasThem)
{
    const auto load = [](const std::string& contract) {
        return load_text(
            "listen: [{address: '127.0.0.1:80'}]\nauth: {delivery: cookie, contract: {" + contract +
                "}}",
            "g.yaml", {});
    };
    const auto good = load("passkey_login_options: {at: [GET /generate-authentication-options]}, "
                           "passkey_login: {at: [POST /verify], answer: {verified: $true}}, "
                           "passkey_register: {success: 200, answer: {verified: $true, id: $id}}");
    ASSERT_TRUE(good.ok()) << to_string(good.errors);
    const auto& contract = good.settings.auth.contract;
    EXPECT_TRUE(contract.passkey_login.answer.shows(Fill::yes));
    EXPECT_THAT(contract.outer_paths, ElementsAre("/generate-authentication-options", "/verify"));
    EXPECT_THAT(to_string(load("passkey_register: {answer: {name: $username}}").errors),
                HasSubstr("$username is not known in this answer"));
    EXPECT_THAT(to_string(load("passkey_register: {answer: {token: $access_token}}").errors),
                HasSubstr("$access_token is not known in this answer"));
    EXPECT_THAT(to_string(load("passkey_login: {at: [POST /in]}, login: {at: [POST /in]}").errors),
                HasSubstr("is where login is"));
    EXPECT_FALSE(load("passkey_login_options: {answer: {a: b}}").ok()) << "browsers read it";
}

} // namespace
} // namespace gatehouse::config
