#include "auth/apikeys/api_key_text.hpp"
#include "gateway/command/accounts.hpp"
#include "gateway/command/api_keys.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A store in a file of its own with the user ada, and commands given to it as an operator would.
class ApiKeyCommands : public testing::Test {
protected:
    ApiKeyCommands()
    {
        settings_.store = "sqlite:" + (folder_ / "gatehouse.db").string();
        settings_.passwords.argon2_memory_bytes = 8 * config::MiB;
        settings_.passwords.argon2_passes = 1;
        Arguments add;
        add.command = CommandName::user_add;
        add.who = "ada";
        add.password_stdin = true;
        EXPECT_EQ(give(add, "correct horse battery\n"), exit_ok) << err_;
    }

    int give(const Arguments& arguments, const std::string& typed = "")
    {
        std::istringstream in{typed};
        std::ostringstream out;
        std::ostringstream err;
        Console console{in, out, err};
        const auto rooms = OperatorRooms::open(settings_, console);
        if (rooms == nullptr) return exit_failed;
        const auto code = arguments.command == CommandName::user_add
                              ? run_account_command(arguments, *rooms, console)
                              : run_api_key_command(arguments, *rooms, console);
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    int create(std::vector<std::string> scopes, const std::string& expires = "never",
               const std::string& name = "ci")
    {
        Arguments arguments;
        arguments.command = CommandName::apikey_create;
        arguments.who = "ada";
        arguments.scopes = std::move(scopes);
        arguments.key_expires = expires;
        arguments.key_name = name;
        return give(arguments);
    }

    /// The key that create() has just shown.
    [[nodiscard]] std::string shown() const { return out_.substr(0, out_.find('\n')); }

    int list(const std::string& who = "")
    {
        Arguments arguments;
        arguments.command = CommandName::apikey_list;
        arguments.who = who;
        return give(arguments);
    }

    int revoke(const std::string& key)
    {
        Arguments arguments;
        arguments.command = CommandName::apikey_revoke;
        arguments.api_key = key;
        return give(arguments);
    }

    const TemporaryFolder folder_;
    config::Settings settings_;
    std::string out_;
    std::string err_;
};

TEST_F(ApiKeyCommands, TheKeyAloneIsOnStandardOutput)
{
    EXPECT_EQ(create({"orders.read"}), exit_ok);
    EXPECT_TRUE(auth::read_api_key(shown())) << out_;
    EXPECT_EQ(out_, shown() + "\n");
    EXPECT_THAT(err_, HasSubstr("good for ever"));
    EXPECT_EQ(create({}, "90d"), exit_ok);
    EXPECT_THAT(err_, HasSubstr("good until "));
}

TEST_F(ApiKeyCommands, AListShowsEverythingButTheKey)
{
    EXPECT_EQ(create({"orders.read", "orders.write", "orders.read"}), exit_ok);
    const auto key = shown();
    for (const auto* who : {"", "ada"}) {
        EXPECT_EQ(list(who), exit_ok);
        EXPECT_THAT(out_, HasSubstr(key.substr(3, 22)));
        EXPECT_THAT(out_, HasSubstr("orders.read orders.write\n"));
        EXPECT_THAT(out_, HasSubstr("  active  "));
        EXPECT_THAT(out_, HasSubstr("  ci  "));
        EXPECT_THAT(out_, Not(HasSubstr(key.substr(26, 43))));
    }
    EXPECT_EQ(list("bob"), exit_failed);
}

TEST_F(ApiKeyCommands, AKeyIsRevokedByItsIdOrByItselfAndOnce)
{
    EXPECT_EQ(create({}), exit_ok);
    const auto first = shown();
    EXPECT_EQ(create({}), exit_ok);
    const auto second = shown();
    EXPECT_EQ(revoke(first.substr(3, 22)), exit_ok);
    EXPECT_EQ(revoke(second), exit_ok);
    EXPECT_EQ(revoke(second), exit_failed);
    EXPECT_THAT(err_, Not(HasSubstr(second)));
    EXPECT_EQ(list(), exit_ok);
    EXPECT_THAT(out_, Not(HasSubstr("  active  ")));
}

TEST_F(ApiKeyCommands, WhatMakesNoSenseIsToldAndMakesNoKey)
{
    const std::pair<std::vector<std::string>, const char*> scopes[] = {
        {{""}, "scopes"},
        {{"a b"}, "scopes"},
        {{"a\"b"}, "scopes"},
        {{"a\\b"}, "scopes"},
        {{"\xc3\xa9"}, "scopes"},
        {{"a\n"}, "scopes"},
        {{std::string(129, 'a')}, "scopes"},
        {std::vector<std::string>(33, "a"), "scopes"},
    };
    for (const auto& [scope, word] : scopes) {
        EXPECT_EQ(create(scope), exit_usage);
        EXPECT_THAT(err_, HasSubstr(word));
    }
    for (const auto* expires : {"soon", "0s", "3651d", "-1d", ""}) {
        EXPECT_EQ(create({}, expires), exit_usage) << expires;
        EXPECT_THAT(err_, HasSubstr("expires"));
    }
    for (const auto* name : {"a\nb", "\x1b[31m", "\xff", "\xc2\x85"}) {
        EXPECT_EQ(create({}, "never", name), exit_usage);
        EXPECT_THAT(err_, HasSubstr("name"));
    }
    EXPECT_EQ(create({}, "never", std::string(65, 'x')), exit_usage);
    EXPECT_EQ(revoke("no such key"), exit_failed);
    EXPECT_EQ(list(), exit_ok);
    EXPECT_EQ(std::ranges::count(out_, '\n'), 1) << out_;
}

} // namespace
} // namespace gatehouse::gateway
