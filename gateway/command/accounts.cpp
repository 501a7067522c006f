#include "gateway/command/accounts.hpp"

#include "config/scalars/scalars.hpp"
#include "gateway/command/account_failure.hpp"
#include "gateway/command/password_input.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

using auth::AuthError;

class AccountCommand {
public:
    AccountCommand(const Arguments& arguments, OperatorRooms& rooms, Console& console)
        : arguments_(arguments),
          rooms_(rooms),
          console_(console)
    {
    }

    int add()
    {
        const bool by_email = arguments_.who.find('@') != std::string::npos;
        if (by_email && !arguments_.email.empty()) {
            console_.err << fmt::format("--email: {} is an e-mail address already, and an account "
                                        "has one\n",
                                        printable(arguments_.who));
            return exit_usage;
        }
        auto password = read_new_password(arguments_.password_stdin, console_);
        if (!password) return exit_usage;
        auth::Credentials credentials;
        (by_email ? credentials.email : credentials.username) = arguments_.who;
        if (!arguments_.email.empty()) credentials.email = arguments_.email;
        credentials.password = *std::move(password);
        const auto user = rooms_.service().add_user(credentials, arguments_.roles);
        if (!user) return fail(user.error(), arguments_.who, rooms_, console_);
        console_.out << user->id << "\n";
        return exit_ok;
    }

    int list()
    {
        constexpr std::size_t page = 500;
        console_.out << fmt::format("{:22}  {:20}  {:9}  {:24}  {:28}  {}\n", "id", "created",
                                    "state", "username", "email", "roles");
        for (std::string after;;) {
            const auto users = rooms_.service().list_users(after, page);
            if (!users) return fail(users.error(), after, rooms_, console_);
            for (const auto& user : *users) print(user);
            if (users->size() < page) return exit_ok;
            after = users->back().id;
        }
    }

    int set_password()
    {
        // First the name: nobody should type a password for a user that is not there.
        if (const auto user = rooms_.service().find_user(arguments_.who); !user) {
            return fail(user.error(), arguments_.who, rooms_, console_);
        }
        const auto password = read_new_password(arguments_.password_stdin, console_);
        if (!password) return exit_usage;
        return ended(rooms_.service().set_password(arguments_.who, *password),
                     "has a new password; all sessions ended");
    }

    int set_roles()
    {
        const auto user = rooms_.service().set_roles(arguments_.who, arguments_.roles);
        const auto roles = user ? user->roles : std::vector<std::string>();
        return changed(user, roles.empty()
                                 ? "has no roles now"
                                 : fmt::format("has the roles {} now", fmt::join(roles, ", ")));
    }

    int block()
    {
        return ended(rooms_.service().block(arguments_.who), "is blocked; all sessions ended");
    }

    int unblock() { return changed(rooms_.service().unblock(arguments_.who), "may log in again"); }

    int remove_second_factor()
    {
        return changed(rooms_.service().remove_second_factor(arguments_.who),
                       "has no second factor now");
    }

    int remove() { return ended(rooms_.service().delete_user(arguments_.who), "is deleted"); }

    int invite()
    {
        const auto life = config::parse_duration(arguments_.expires);
        const auto seconds =
            std::chrono::floor<std::chrono::seconds>(life.value_or(config::Millis{0}));
        if (seconds < std::chrono::seconds{1} || seconds > std::chrono::hours{24 * 365}) {
            console_.err << fmt::format("--expires: \"{}\" is no duration from 1s to 365d\n",
                                        printable(arguments_.expires));
            return exit_usage;
        }
        const auto invite = rooms_.service().invite(seconds);
        if (!invite) return fail(invite.error(), "", rooms_, console_);
        console_.err << fmt::format("for one registration until {}:\n", utc(invite->expires_at));
        console_.out << invite->code.reveal() << "\n";
        return exit_ok;
    }

    int list_sessions()
    {
        const auto sessions = rooms_.service().list_sessions(arguments_.who);
        if (!sessions) return fail(sessions.error(), arguments_.who, rooms_, console_);
        console_.out << fmt::format("{:22}  {:20}  {:20}  {:15}  {}\n", "id", "login", "last used",
                                    "address", "user agent");
        for (const auto& session : *sessions) {
            console_.out << fmt::format("{:22}  {:20}  {:20}  {:15}  {}\n", session.id,
                                        utc(session.login_at), utc(session.issued_at),
                                        printable(session.address), printable(session.user_agent));
        }
        return exit_ok;
    }

    int revoke()
    {
        if (arguments_.session.empty() && arguments_.who.empty()) {
            console_.err
                << "which session?\n  hint: give its id, or --user NAME for all of a user\n";
            return exit_usage;
        }
        if (arguments_.session.empty()) {
            const auto ended = rooms_.service().revoke_sessions_of(arguments_.who);
            if (!ended) return fail(ended.error(), arguments_.who, rooms_, console_);
            rooms_.confirm();
            console_.err << fmt::format("{} sessions ended\n", *ended);
            return exit_ok;
        }
        const auto ended = rooms_.service().revoke_session(arguments_.session);
        if (!ended) return fail(ended.error(), "a live session of that id", rooms_, console_);
        rooms_.confirm();
        console_.err << "the session ended\n";
        return exit_ok;
    }

private:
    int changed(const Result<auth::User, AuthError>& user, std::string_view what)
    {
        if (!user) return fail(user.error(), arguments_.who, rooms_, console_);
        console_.err << fmt::format("{} {}\n", printable(arguments_.who), what);
        return exit_ok;
    }

    /// The same of what ends sessions: said when no gateway takes them any more.
    int ended(const Result<auth::User, AuthError>& user, std::string_view what)
    {
        if (user) rooms_.confirm();
        return changed(user, what);
    }

    void print(const auth::User& user)
    {
        console_.out << fmt::format(
            "{:22}  {:20}  {:9}  {:24}  {:28}  {}\n", user.id, utc(user.created),
            user.blocked ? "blocked" : "active", printable(user.username.value_or("-")),
            printable(user.email.value_or("-")), fmt::join(user.roles, ","));
    }

    const Arguments& arguments_;
    OperatorRooms& rooms_;
    Console& console_;
};

} // namespace

int run_account_command(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    AccountCommand command{arguments, rooms, console};
    switch (arguments.command) {
    case CommandName::user_add:
        return command.add();
    case CommandName::user_list:
        return command.list();
    case CommandName::user_block:
        return command.block();
    case CommandName::user_unblock:
        return command.unblock();
    case CommandName::user_remove_second_factor:
        return command.remove_second_factor();
    case CommandName::user_set_password:
        return command.set_password();
    case CommandName::user_set_roles:
        return command.set_roles();
    case CommandName::user_invite:
        return command.invite();
    case CommandName::user_delete:
        return command.remove();
    case CommandName::session_list:
        return command.list_sessions();
    case CommandName::session_revoke:
        return command.revoke();
    default:
        return exit_usage; // the others never come here
    }
}

} // namespace gatehouse::gateway
