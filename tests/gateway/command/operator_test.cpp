#include "auth/accounts/passwords.hpp"
#include "auth/store/open_store.hpp"
#include "gateway/command/accounts.hpp"
#include "gateway/command/audit.hpp"
#include "gateway/command/keys.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A store in a file of its own, and commands given to it as an operator would.
class Operator : public testing::Test {
protected:
    Operator()
    {
        settings_.store = "sqlite:" + (folder_ / "gatehouse.db").string();
        settings_.passwords.argon2_memory_bytes = 8 * config::MiB;
        settings_.passwords.argon2_passes = 1;
    }

    int give(Arguments arguments, const std::string& typed = "")
    {
        std::istringstream in{typed};
        std::ostringstream out;
        std::ostringstream err;
        Console console{in, out, err};
        arguments.password_stdin = true;
        // A new one each time, as each command is a process of its own.
        const auto rooms = OperatorRooms::open(settings_, console);
        if (rooms == nullptr) return exit_failed;
        const auto code = run(arguments, *rooms, console);
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    static int run(const Arguments& arguments, OperatorRooms& rooms, Console& console)
    {
        switch (arguments.command) {
        case CommandName::keys_list:
        case CommandName::keys_rotate:
            return run_keys_command(arguments, rooms, console);
        case CommandName::audit:
            return run_audit_command(arguments, rooms, console);
        default:
            return run_account_command(arguments, rooms, console);
        }
    }

    int user(CommandName command, const std::string& who, std::vector<std::string> roles = {},
             const std::string& typed = "")
    {
        Arguments arguments;
        arguments.command = command;
        arguments.who = who;
        arguments.roles = std::move(roles);
        return give(arguments, typed);
    }

    int just(CommandName command) { return user(command, ""); }

    const TemporaryFolder folder_;
    config::Settings settings_;
    std::string out_;
    std::string err_;
};

constexpr auto password = "correct horse battery\n";

TEST_F(Operator, AddsAUserWhomTheListShows)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {"admin"}, password), exit_ok) << err_;
    const auto id = out_.substr(0, out_.find('\n'));
    EXPECT_EQ(just(CommandName::user_list), exit_ok);
    EXPECT_THAT(out_, HasSubstr(id));
    EXPECT_THAT(out_, HasSubstr("ada"));
    EXPECT_THAT(out_, HasSubstr("admin"));
    EXPECT_THAT(out_, HasSubstr("active"));
}

TEST_F(Operator, TakesANameWithAnAtSignForAnAddress)
{
    ASSERT_EQ(user(CommandName::user_add, "ada@example.com", {}, password), exit_ok) << err_;
    EXPECT_EQ(user(CommandName::user_block, "ADA@example.com"), exit_ok) << err_;
}

TEST_F(Operator, AddsNobodyWhoWouldHaveTwoAddresses)
{
    Arguments arguments;
    arguments.command = CommandName::user_add;
    arguments.who = "ada@example.com";
    arguments.email = "ada@example.net";
    EXPECT_EQ(give(arguments, password), exit_usage);
    EXPECT_THAT(err_, AllOf(HasSubstr("--email"), HasSubstr("ada@example.com")));
    just(CommandName::user_list);
    EXPECT_THAT(out_, Not(HasSubstr("ada")));
    arguments.who = "ada";
    EXPECT_EQ(give(arguments, password), exit_ok) << err_;
}

TEST_F(Operator, RefusesATakenNameAndABadPassword)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {}, password), exit_ok) << err_;
    EXPECT_EQ(user(CommandName::user_add, "ADA", {}, password), exit_failed);
    EXPECT_THAT(err_, HasSubstr("already"));
    EXPECT_EQ(user(CommandName::user_add, "bob", {}, "short\n"), exit_usage);
    EXPECT_THAT(err_, HasSubstr("password"));
    EXPECT_THAT(err_, Not(HasSubstr("short\n")));
    EXPECT_EQ(user(CommandName::user_add, "bob", {}, ""), exit_usage);
    EXPECT_THAT(err_, HasSubstr("no password on standard input"));
}

TEST_F(Operator, BlocksUnblocksAndDeletes)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {}, password), exit_ok) << err_;
    EXPECT_EQ(user(CommandName::user_block, "ada"), exit_ok) << err_;
    just(CommandName::user_list);
    EXPECT_THAT(out_, HasSubstr("blocked"));
    EXPECT_EQ(user(CommandName::user_unblock, "ada"), exit_ok) << err_;
    just(CommandName::user_list);
    EXPECT_THAT(out_, Not(HasSubstr("blocked")));
    EXPECT_EQ(user(CommandName::user_delete, "ada"), exit_ok) << err_;
    just(CommandName::user_list);
    EXPECT_THAT(out_, Not(HasSubstr("ada")));
}

TEST_F(Operator, SaysWhoIsNotKnownAndShowsNoControlBytes)
{
    for (const auto command :
         {CommandName::user_block, CommandName::user_unblock, CommandName::user_delete,
          CommandName::user_set_password, CommandName::user_set_roles, CommandName::session_list}) {
        EXPECT_EQ(user(command, "no\x1b[2Jbody", {}, password), exit_failed);
        EXPECT_THAT(err_, HasSubstr("no?[2Jbody is not known in " + settings_.store));
    }
}

TEST_F(Operator, ReplacesRolesAndRefusesBadOnes)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {"admin"}, password), exit_ok) << err_;
    EXPECT_EQ(user(CommandName::user_set_roles, "ada", {"reader"}), exit_ok) << err_;
    just(CommandName::user_list);
    EXPECT_THAT(out_, Not(HasSubstr("admin")));
    EXPECT_THAT(out_, HasSubstr("reader"));
    EXPECT_EQ(user(CommandName::user_set_roles, "ada", {"a,b"}), exit_usage); // R22
}

TEST_F(Operator, InvitesForALimitedTime)
{
    Arguments invite;
    invite.command = CommandName::user_invite;
    EXPECT_EQ(give(invite), exit_ok) << err_;
    EXPECT_EQ(out_.size(), 23U) << "22 characters and a line break";
    for (const auto* life : {"", "7", "0s", "366d", "soon", "500ms"}) {
        invite.expires = life;
        EXPECT_EQ(give(invite), exit_usage) << life;
    }
}

TEST_F(Operator, RevokesOnlyWhatIsThere)
{
    Arguments revoke;
    revoke.command = CommandName::session_revoke;
    EXPECT_EQ(give(revoke), exit_usage);
    revoke.session = "AAAAAAAAAAAAAAAAAAAAAA";
    EXPECT_EQ(give(revoke), exit_failed);
    ASSERT_EQ(user(CommandName::user_add, "ada", {}, password), exit_ok) << err_;
    revoke.session.clear();
    revoke.who = "ada";
    EXPECT_EQ(give(revoke), exit_ok) << err_;
    EXPECT_THAT(err_, HasSubstr("0 sessions"));
}

TEST_F(Operator, RotatesTheKeysOfTheGateway)
{
    ASSERT_EQ(just(CommandName::keys_list), exit_ok) << err_;
    const auto before = out_;
    EXPECT_THAT(before, HasSubstr("ES256"));
    EXPECT_EQ(just(CommandName::keys_rotate), exit_ok) << err_;
    EXPECT_EQ(just(CommandName::keys_list), exit_ok);
    EXPECT_THAT(out_, HasSubstr("retired"));
    EXPECT_NE(out_, before);
}

class Auditor : public Operator {
protected:
    Auditor() { asked_.command = CommandName::audit; }

    /// The lines of the answer.
    std::vector<std::string> lines()
    {
        EXPECT_EQ(give(asked_), exit_ok) << err_;
        std::vector<std::string> found;
        std::istringstream text(out_);
        for (std::string line; std::getline(text, line);) found.push_back(line);
        return found;
    }

    void keep(auth::AuditRecord record)
    {
        const auto store = auth::open_store(settings_.store, auth::StoreRole::command);
        const std::array records = {std::move(record)};
        ASSERT_TRUE((*store)->append_audit(records));
    }

    Arguments asked_;
};

TEST_F(Auditor, ShowsWhatOperatorsDidTheNewestLast)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {"reader"}, password), exit_ok) << err_;
    const auto id = out_.substr(0, 22);
    ASSERT_EQ(user(CommandName::user_block, "ada"), exit_ok) << err_;
    ASSERT_EQ(just(CommandName::keys_rotate), exit_ok) << err_;
    const auto shown = lines();
    ASSERT_EQ(shown.size(), 4U) << out_;
    EXPECT_THAT(shown[0], HasSubstr("event"));
    EXPECT_THAT(shown[1], AllOf(HasSubstr("user_add"), HasSubstr(id), HasSubstr("reader")));
    EXPECT_THAT(shown[2], AllOf(HasSubstr("user_block"), HasSubstr(id)));
    EXPECT_THAT(shown[3], AllOf(HasSubstr("key_rotate"), Not(HasSubstr(id))));
    asked_.limit = 1;
    ASSERT_EQ(lines().size(), 2U);
    EXPECT_THAT(out_, HasSubstr("key_rotate"));
}

TEST_F(Auditor, FiltersByUserKindAndTime)
{
    ASSERT_EQ(user(CommandName::user_add, "ada", {}, password), exit_ok) << err_;
    const auto id = out_.substr(0, 22);
    ASSERT_EQ(user(CommandName::user_add, "bob", {}, password), exit_ok) << err_;
    auth::AuditRecord old;
    old.at = auth::SystemClock().now() - std::chrono::hours(48);
    old.event = "login";
    old.user_id = id;
    keep(old);
    asked_.who = "ADA";
    EXPECT_EQ(lines().size(), 3U);
    asked_.since = "24h";
    EXPECT_EQ(lines().size(), 2U);
    asked_.since.clear();
    asked_.until = "24h";
    EXPECT_EQ(lines().size(), 2U);
    EXPECT_THAT(out_, HasSubstr("login"));
    asked_.event = "user_add";
    EXPECT_EQ(lines().size(), 1U);
    asked_ = {};
    asked_.command = CommandName::audit;
    ASSERT_EQ(user(CommandName::user_delete, "ada"), exit_ok) << err_;
    asked_.who = id; // the name is gone
    EXPECT_EQ(lines().size(), 4U);
}

TEST_F(Auditor, RefusesWhatItDoesNotUnderstand)
{
    asked_.event = "logn";
    EXPECT_EQ(give(asked_), exit_usage);
    EXPECT_THAT(err_, HasSubstr("did you mean \"login\"?"));
    asked_.event.clear();
    asked_.since = "some\x1b[2Jday";
    EXPECT_EQ(give(asked_), exit_usage);
    EXPECT_THAT(err_, AllOf(HasSubstr("some?[2Jday"), HasSubstr("hint")));
    asked_.since.clear();
    asked_.who = "nobody";
    EXPECT_EQ(give(asked_), exit_failed);
    EXPECT_THAT(err_, HasSubstr("nobody is not known in " + settings_.store));
}

TEST_F(Auditor, HostileBytesReachNoTerminalAndEveryLineOfJsonIsOne)
{
    auth::AuditRecord record;
    record.event = "login\r\n\x1b[2J";
    record.address = "\xc2\x9b 31m \xe2\x80\xae";
    record.request_id = "\xff\"quoted\"";
    keep(record);
    for (const auto json : {false, true}) {
        asked_.json = json;
        EXPECT_EQ(lines().size(), json ? 1U : 2U);
        for (const char c : out_) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < 0x7f)) << int{c};
    }
    EXPECT_THAT(out_, AllOf(HasSubstr(R"("event":"login???[2J")"), HasSubstr(R"(?\"quoted\"")")));
}

TEST_F(Operator, CannotReachAStoreInMemory)
{
    settings_.store = "memory";
    EXPECT_EQ(just(CommandName::user_list), exit_failed);
}

} // namespace
} // namespace gatehouse::gateway
