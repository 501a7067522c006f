#include "gateway/command/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::variant<Arguments, Finished> parse(std::vector<const char*> words)
{
    words.insert(words.begin(), "gatehouse");
    return parse_arguments(static_cast<int>(words.size()), words.data());
}

Arguments parsed(std::vector<const char*> words)
{
    const auto result = parse(std::move(words));
    const auto* arguments = std::get_if<Arguments>(&result);
    EXPECT_NE(arguments, nullptr) << std::get<Finished>(result).err;
    return arguments == nullptr ? Arguments{} : *arguments;
}

TEST(Arguments, NameEveryCommand)
{
    struct Case {
        std::vector<const char*> words;
        CommandName expected;
    };

    const Case cases[] = {
        {{"run"},                                       CommandName::run              },
        {{"run", "--upstream", "http://a"},             CommandName::run              },
        {{"demo", "--listen", "127.0.0.1:1"},           CommandName::demo             },
        {{"init", "--from", "compose.yaml"},            CommandName::init             },
        {{"completion", "zsh"},                         CommandName::completion       },
        {{"manual", "gatehouse.yaml"},                  CommandName::manual           },
        {{"config", "schema"},                          CommandName::config_schema    },
        {{"check", "--connect"},                        CommandName::check            },
        {{"explain", "GET /a"},                         CommandName::explain          },
        {{"explain", "/a"},                             CommandName::explain          },
        {{"explain", "OPTIONS *"},                      CommandName::explain          },
        {{"health"},                                    CommandName::health           },
        {{"user", "add", "ada"},                        CommandName::user_add         },
        {{"user", "list"},                              CommandName::user_list        },
        {{"user", "block", "ada"},                      CommandName::user_block       },
        {{"user", "unblock", "ada"},                    CommandName::user_unblock     },
        {{"user", "set-password", "ada"},               CommandName::user_set_password},
        {{"user", "set-roles", "ada", "a", "b"},        CommandName::user_set_roles   },
        {{"user", "invite"},                            CommandName::user_invite      },
        {{"user", "delete", "ada"},                     CommandName::user_delete      },
        {{"user", "import", "users.json"},              CommandName::user_import      },
        {{"user", "import", "-", "--dry-run"},          CommandName::user_import      },
        {{"session", "list", "ada"},                    CommandName::session_list     },
        {{"session", "revoke", "AAAA"},                 CommandName::session_revoke   },
        {{"session", "revoke", "--", "-AAA"},           CommandName::session_revoke   },
        {{"session", "revoke", "--user", "ada"},        CommandName::session_revoke   },
        {{"keys", "list"},                              CommandName::keys_list        },
        {{"keys", "rotate"},                            CommandName::keys_rotate      },
        {{"store", "status"},                           CommandName::store_status     },
        {{"store", "migrate"},                          CommandName::store_migrate    },
        {{"store", "fence"},                            CommandName::store_fence      },
        {{"store", "copy", "--from", "a", "--to", "b"}, CommandName::store_copy       },
        {{"keys", "import", "key.pem"},                 CommandName::keys_import      },
        {{"keys", "import", "k", "--as", "active"},     CommandName::keys_import      },
        {{"version"},                                   CommandName::version          },
        {{"audit"},                                     CommandName::audit            },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.words.front());
        EXPECT_EQ(parsed(c.words).command, c.expected);
    }
}

TEST(Arguments, TakeTheFileBeforeAndBehindTheCommand)
{
    for (const auto& words : {
             std::vector<const char*>{"--config", "x.yaml", "user",     "list"  },
             std::vector<const char*>{"user",     "list",   "--config", "x.yaml"}
    }) {
        const auto arguments = parsed(words);
        EXPECT_EQ(arguments.config_file, "x.yaml");
        EXPECT_TRUE(arguments.config_given);
    }
    EXPECT_EQ(parsed({"check"}).config_file, "gatehouse.yaml");
    EXPECT_FALSE(parsed({"check"}).config_given);
}

TEST(Arguments, CarryWhatBelongsToTheCommand)
{
    const auto roles = parsed({"user", "set-roles", "ada", "admin", "reader"});
    EXPECT_EQ(roles.who, "ada");
    EXPECT_THAT(roles.roles, ElementsAre("admin", "reader"));
    const auto explain = parsed({"explain", "GET /a/../b", "--token", "t", "--host", "h"});
    EXPECT_EQ(explain.request, "GET /a/../b");
    EXPECT_EQ(explain.token, "t");
    EXPECT_EQ(explain.host, "h");
    EXPECT_TRUE(parsed({"user", "add", "ada", "--password-stdin"}).password_stdin);
}

TEST(Arguments, TakeNoOptionForTheValueOfTheOneBeforeIt)
{
    const auto explained = parsed({"explain", "/a", "--token=", "--host=", "--live"});
    EXPECT_EQ(explained.token, "");
    EXPECT_EQ(explained.host, "");
    EXPECT_TRUE(explained.live);
    EXPECT_EQ(parsed({"explain", "--token=a=", "/a"}).token, "a=");
    EXPECT_EQ(parsed({"session", "revoke", "--", "--x="}).session, "--x=");
}

TEST(Arguments, RefuseMistakesWithExitCode2)
{
    const std::vector<const char*> wrong[] = {
        {},
        {"serve"},
        {"user"},
        {"user", "block"},
        {"explain"},
        {"explain", "GET"}, // nobody asks for a path GET
        {"explain", "GET "},
        {"explain", " /orders"},
        {"run", "--log-format", "xml"},
        {"run", "--upstream", "http://a", "--config", "b"},
        {"run", "--listen", "127.0.0.1:1"}, // only without a file
        {"run", "--upstream", ""}, // of a variable that is not set
        {"run", "--upstream=", "--take-over"},
        {"status", "--json="},
        {"session", "revoke", "AAAA", "--user", "ada"},
        {"init", "--from", "compose.yaml", "--upstream", "http://a"},
        {"init", "--registration", "perhaps"},
        {"config"},
        {"completion"},
        {"completion", "tcsh"},
        {"user", "add", "ada", "--password", "secret"}, // never on the command line
    };
    for (const auto& words : wrong) {
        SCOPED_TRACE(words.empty() ? "nothing" : words.back());
        const auto result = parse(words);
        const auto* finished = std::get_if<Finished>(&result);
        ASSERT_NE(finished, nullptr);
        EXPECT_EQ(finished->exit_code, 2);
        EXPECT_FALSE(finished->err.empty());
    }
}

TEST(Arguments, AnswerACallForHelpWithExitCode0)
{
    const auto result = parse({"user", "--help"});
    const auto* finished = std::get_if<Finished>(&result);
    ASSERT_NE(finished, nullptr);
    EXPECT_EQ(finished->exit_code, 0);
    EXPECT_THAT(finished->out, HasSubstr("set-password"));
}

} // namespace
} // namespace gatehouse::gateway
