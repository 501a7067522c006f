#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

const std::string secret(48, 's');
const std::string postgres = "store: 'postgres://db/x'\ntokens: {keys_file: keys.json}\n";
const std::string asks = "routes: [{match: /a, to: 'http://a:1', auth: {require: [totp]}}]\n";

std::string errors_of(const std::string& text, const Environment& environment = {})
{
    return to_string(load_text(text, "g.yaml", environment).errors);
}

TEST(SecondFactorSettings, AreGoodByThemselves)
{
    const auto loaded = load_text("store: memory\n", "g.yaml", {});
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_EQ(loaded.settings.second_factor.totp, TotpMode::where_possible);
    EXPECT_TRUE(has_totp(loaded.settings));
}

TEST(SecondFactorSettings, NeedSomethingToSealUnder)
{
    const struct {
        const char* name;
        std::string text;
        Environment environment;
        const char* error; // "": it is good
    } cases[] = {
        {"a file beside SQLite",         "second_factor: {totp: on}\n",              {},                           ""            },
        {"a shared store without any",
         postgres + "second_factor: {totp: on}\n",
         {},
         "gateways that share a store need a secret"                                                                             },
        {"the same where it may be so",  postgres + "second_factor: {totp: auto}\n", {},                           ""            },
        {"a shared store with a secret",
         "store: 'postgres://db/x'\nsecond_factor: {totp: on}\n",                    {{"SEALING_SECRET", secret}},
         ""                                                                                                                      },
        {"no such mode",                 "second_factor: {totp: maybe}\n",           {},                           "totp"        },
        {"no such file",                 "second_factor: {sealing_file: /none}\n",   {},                           "sealing_file"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto errors = errors_of(c.text, c.environment);
        if (std::string_view(c.error).empty()) {
            EXPECT_EQ(errors, "");
        } else {
            EXPECT_THAT(errors, HasSubstr(c.error));
        }
    }
}

TEST(SecondFactorSettings, WantASecretThatIsLong)
{
    const TemporaryFolder folder;
    const auto file = folder / "sealing-secret";
    const auto text = postgres + "second_factor: {totp: on, sealing_file: " + file.string() + "}\n";
    std::ofstream(file) << std::string(31, 's') << "\n";
    EXPECT_THAT(errors_of(text), HasSubstr("the secret in that file has less than 32 bytes"));
    std::ofstream(file) << secret << "\n";
    const auto loaded = load_text(text, "g.yaml", {});
    EXPECT_EQ(to_string(loaded.errors), "");
    EXPECT_EQ(loaded.settings.second_factor.sealing_secret.reveal(), secret);
}

TEST(RouteRequire, IsReadAndJudged)
{
    const auto route = [](const std::string& auth) {
        return "store: memory\nroutes: [{match: /a, to: 'http://a:1', auth: " + auth + "}]\n";
    };
    const auto good = load_text(route("{require: [totp], roles: [admin]}"), "g.yaml", {});
    ASSERT_TRUE(good.ok()) << to_string(good.errors);
    EXPECT_THAT(good.settings.routes[0].require, testing::ElementsAre("totp"));
    EXPECT_THAT(errors_of(route("{require: [sms]}")), HasSubstr("nothing that can be required"));
    EXPECT_THAT(errors_of(route("{require: []}")), HasSubstr("routes[0].auth.require: is empty"));
}

TEST(RouteRequire, AsksForNothingThatNobodyCanShow)
{
    EXPECT_EQ(errors_of(asks), "");
    EXPECT_THAT(errors_of("second_factor: {totp: off}\n" + asks),
                HasSubstr("nobody can set up an authenticator app here"));
    EXPECT_THAT(errors_of(postgres + asks),
                HasSubstr("nobody can set up an authenticator app here"));
    EXPECT_EQ(errors_of("store: 'postgres://db/x'\n" + asks,
                        {
                            {"SEALING_SECRET", secret}
    }),
              "");
    const std::string passkey =
        "store: memory\nroutes: [{match: /a, to: 'http://a:1', auth: {require: [passkey]}}]\n";
    EXPECT_THAT(errors_of(passkey), HasSubstr("passkeys.rp_id is missing"));
    EXPECT_EQ(errors_of("passkeys: {rp_id: example.com}\n" + passkey), "");
}

} // namespace
} // namespace gatehouse::config
