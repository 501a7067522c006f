#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string good(32, 's');
const std::string bad(31, 's');
const std::string postgres = "store: postgres://g@db/g\n";

TEST(KeysOfAConfiguration, AreJudgedAsAWhole)
{
    const struct {
        const char* name;
        std::string text;
        Environment environment;
        std::string error; // "" : none
    } rows[] = {
        {"nowhere to keep them",            postgres,                                      {},                                                                                         "tokens.sealing_file: is missing: gateways that"},
        {"the way out",                     postgres,                                      {},                                                                                         "set SEALING_SECRET"                            },
        {"an empty variable",               postgres,                                      {{"SEALING_SECRET", ""}},                                                                   "is missing"                                    },
        {"a secret",                        postgres,                                      {{"SEALING_SECRET", good}},                                                                 ""                                              },
        {"a file",                          postgres + "tokens: {keys_file: k}",           {},                                                                                         ""                                              },
        {"a folder",                        postgres + "tokens: {keys_directory: k}",      {},                                                                                         ""                                              },
        {"SQLite needs none",               "",                                            {},                                                                                         ""                                              },
        {"a short secret",                  postgres,                                      {{"SEALING_SECRET", bad}},                                                                  "SEALING_SECRET has less than 32"               },
        {"a short secret with SQLite",      "",                                            {{"SEALING_SECRET", bad}},                                                                  "has less than 32 bytes"                        },
        {"previous ones",
         postgres,                                                                         {{"SEALING_SECRET", good}, {"SEALING_SECRET_PREVIOUS", good + "," + std::string(40, 'p')}},
         ""                                                                                                                                                                                                                            },
        {"a short previous one",
         postgres,                                                                         {{"SEALING_SECRET", good}, {"SEALING_SECRET_PREVIOUS", good + "," + bad}},
         "a value of SEALING_SECRET_PREVIOUS has less than 32"                                                                                                                                                                         },
        {"previous ones alone",             "",                                            {{"SEALING_SECRET_PREVIOUS", good}},                                                        "SEALING_SECRET is not"                         },
        {"a secret file that is not there",
         postgres + "tokens: {sealing_file: nowhere}",
         {},
         "tokens.sealing_file: nowhere cannot be read"                                                                                                                                                                                 },
        {"two places",
         "tokens: {keys_file: a, keys_directory: b}",                                      {},
         "tokens.keys_directory: keys cannot be in tokens.keys_file too"                                                                                                                                                               },
        {"faster than known",
         "tokens: {rotate_every: 30s, publish_ahead: 1m}",                                 {},
         "tokens.rotate_every: is shorter than tokens.publish_ahead"                                                                                                                                                                   },
        {"too many retired",                "tokens: {rotate_every: 1h}",                  {},                                                                                         "more than 400 retired keys"                    },
        {"a key each day",                  "tokens: {rotate_every: 1d}",                  {},                                                                                         ""                                              },
        {"short lives, quick keys",
         "tokens: {rotate_every: 2s, publish_ahead: 1s, access_ttl: 5s, refresh_ttl: 1m}", {},
         ""                                                                                                                                                                                                                            },
        {"long access tokens count too",
         "tokens: {rotate_every: 1m, access_ttl: 1d, refresh_ttl: 1m}",                    {},
         "more than 400"                                                                                                                                                                                                               },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto errors = to_string(load_text(row.text, "g.yaml", row.environment).errors);
        if (row.error.empty()) {
            EXPECT_EQ(errors, "");
        } else {
            EXPECT_THAT(errors, HasSubstr(row.error));
            EXPECT_THAT(errors, testing::Not(HasSubstr(bad))) << "a secret is never shown";
        }
    }
}

TEST(KeysOfAConfiguration, AreWarnedOfWhereTheyMeanNothing)
{
    const Environment sealed{
        {"SEALING_SECRET", good},
        {"ACCESS_TOKEN_SECRET", std::string(32, 'a')},
        {"REFRESH_TOKEN_SECRET", std::string(32, 'r')}
    };

    const struct {
        const char* name;
        std::string text;
        std::string warning;
    } rows[] = {
        {"a file wins",        "tokens: {keys_file: k}",                         "not in the store"   },
        {"a folder wins",      "tokens: {keys_directory: k}",                    "not in the store"   },
        {"HS256 has no keys",  "tokens: {algorithm: HS256}",                     "not in the store"   },
        {"HS256 stays",        "tokens: {algorithm: HS256, rotate_every: 30d}",  "come from elsewhere"},
        {"a folder is others", "tokens: {keys_directory: k, rotate_every: 30d}",
         "come from elsewhere"                                                                        },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto loaded = load_text(row.text, "g.yaml", sealed);
        EXPECT_EQ(to_string(loaded.errors), "");
        EXPECT_THAT(to_string(loaded.warnings), HasSubstr(row.warning));
    }
    const auto used = to_string(load_text(postgres, "g.yaml",
                                          {
                                              {"SEALING_SECRET", good}
    })
                                    .warnings);
    EXPECT_THAT(used, testing::Not(HasSubstr("sealing")));
}

TEST(KeysOfAConfiguration, TakeTheSealingSecretFromTheFileBeside)
{
    const TemporaryFolder folder;
    std::ofstream{folder / "g.yaml"} << postgres << "tokens: {sealing_file: seal}\n";
    const auto load = [&](std::string_view content) {
        std::ofstream{folder / "seal"} << content;
        return load_file((folder / "g.yaml").string(),
                         {
                             {"SEALING_SECRET", std::string(32, 'e')}
        });
    };
    EXPECT_EQ(load(good + "\n").settings.tokens.sealing_secret.reveal(), good) << "the file wins";
    EXPECT_THAT(to_string(load("").errors), HasSubstr("the secret in that file has less than 32"));
    EXPECT_THAT(to_string(load(bad + "\n").errors), HasSubstr("has less than 32 bytes"));
}

} // namespace
} // namespace gatehouse::config
