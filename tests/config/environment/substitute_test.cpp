#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::Not;

const Environment environment{
    {"HOST",  "api.example.com"            },
    {"EMPTY", ""                           },
    {"YAML",  "x\nworkers: 7 # {a: [b]} &c"},
    {"LOOP",  "${HOST}"                    },
    {"COUNT", "3"                          },
};

TEST(Substitute, ReplacesInsideScalarsOnly)
{
    struct Case {
        const char* written;
        const char* expected;
    };

    const Case cases[] = {
        {"https://${HOST}/x",  "https://api.example.com/x"     },
        {"${HOST}${HOST}",     "api.example.comapi.example.com"},
        {"${NONE:-fallback}",  "fallback"                      },
        {"${NONE:-}x",         "x"                             },
        {"${EMPTY:-fallback}", "fallback"                      },
        {"x${EMPTY}",          "x"                             },
        {"${HOST:-fallback}",  "api.example.com"               },
        {"$${HOST}",           "${HOST}"                       },
        {"a$$${HOST}",         "a$${HOST}"                     },
        {"$HOST",              "$HOST"                         },
        {"a$",                 "a$"                            },
        {"${LOOP}",            "${HOST}"                       }, // never replaced again
        {"${YAML}",            "x\nworkers: 7 # {a: [b]} &c"   }, // never parsed
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.written);
        const auto text = std::string{"tokens: {issuer: '"} + c.written + "'}";
        const auto loaded = load_text(text, "g.yaml", environment);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_EQ(loaded.settings.tokens.issuer, c.expected);
        EXPECT_EQ(loaded.settings.workers, 0U);
    }
}

TEST(Substitute, LeavesTheMeaningToTheKey)
{
    EXPECT_EQ(load_text("workers: ${COUNT}", "g.yaml", environment).settings.workers, 3U);
    EXPECT_EQ(load_text("workers: \"${COUNT}\"", "g.yaml", environment).settings.workers, 3U);
    const auto key = load_text("'${HOST}': 1", "g.yaml", environment);
    EXPECT_THAT(to_string(key.errors), HasSubstr("unknown key \"${HOST}\""));
}

TEST(Substitute, SaysWhatCannotBeReplaced)
{
    struct Case {
        const char* written;
        const char* expected;
    };

    const Case cases[] = {
        {"${NONE}",              "g.yaml:2:8: tokens.issuer: the variable NONE is not set"},
        {"a${HOST",              "${ without }"                                           },
        {"${}",                  "is not a name"                                          },
        {"${1A}",                "is not a name"                                          },
        {"${HO ST}",             "is not a name"                                          },
        {"${file:/nonexistent}", "the file /nonexistent cannot be read: No such file"     },
        {"${file:}",             "cannot be read"                                         },
        {"${file:/dev/zero}",    "has more bytes than 65536"                              },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.written);
        const auto text = std::string{"tokens: {issuer:\n       '"} + c.written + "'}";
        const auto loaded = load_text(text, "g.yaml", environment);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.expected));
    }
}

TEST(Substitute, NeverShowsWhatItPutIn)
{
    const Environment secret{
        {"SECRET", "hunter2"}
    };
    for (const auto* text :
         {"workers: ${SECRET}", "store: ${SECRET}", "drain: {delay: '${SECRET}'}",
          "registration: ${SECRET}", "trusted_proxies: ['${SECRET}']", "log: {access: '${SECRET}'}",
          "routes: [{match: /a, to: '${SECRET}'}]", "identity: {header: 'x ${SECRET}'}",
          "log: '${SECRET}'", "trusted_proxies: '${SECRET}'",
          "routes: [{match: '/${SECRET}', strip_prefix: /b, to: 'http://a'}]"}) {
        SCOPED_TRACE(text);
        const auto loaded = load_text(text, "g.yaml", secret);
        EXPECT_FALSE(loaded.ok());
        EXPECT_THAT(to_string(loaded.errors), Not(HasSubstr("hunter2")));
    }
}

TEST(EnvFile, GivesWayToTheEnvironment)
{
    Environment known{
        {"A", "from the environment"}
    };
    const auto mistakes = add_env_text("# a comment\nA=1\r\n\nexport B = two words \nC='$x # y'\n"
                                       "D=\"q\"\nE=\nE=last",
                                       ".env", known);
    EXPECT_TRUE(mistakes.empty()) << to_string(mistakes);
    EXPECT_EQ(known.at("A"), "from the environment");
    EXPECT_EQ(known.at("B"), "two words");
    EXPECT_EQ(known.at("C"), "$x # y");
    EXPECT_EQ(known.at("D"), "q");
    EXPECT_EQ(known.at("E"), "last");
}

TEST(EnvFile, NamesTheLineOfAMistakeAndNotItsContent)
{
    Environment known;
    const auto mistakes = add_env_text("A=1\nhunter2\nB='hunter2\n1C=hunter2", ".env", known);
    const auto shown = to_string(mistakes);
    EXPECT_EQ(mistakes.size(), 3U) << shown;
    EXPECT_THAT(shown, HasSubstr(".env:2:1: this line is not NAME=value"));
    EXPECT_THAT(shown, HasSubstr(".env:3:1: B: the quotation mark is not closed"));
    EXPECT_THAT(shown, HasSubstr(".env:4:1: this line is not NAME=value"));
    EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
    EXPECT_FALSE(add_env_file("/nonexistent/.env", known).empty());
}

} // namespace
} // namespace gatehouse::config
