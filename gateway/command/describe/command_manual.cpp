#include "gateway/command/describe/manual.hpp"
#include "gateway/command/describe/roff.hpp"
#include "gateway/command/describe/shell_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace gatehouse::gateway {
namespace {

constexpr auto head = R"(.\" Made by: gatehouse manual gatehouse
.Dd November 21, 2026
.Dt GATEHOUSE 1
.Os
.Sh NAME
.Nm gatehouse
.Nd reverse proxy that knows who is asking
.Sh SYNOPSIS
.Nm
.Op Fl \-config Ar FILE
.Op Fl \-env\-file Ar FILE
.Ar command
.Op Ar ...
.Sh DESCRIPTION
.Nm
stands in front of HTTP services.
It registers and logs in users, issues and rotates tokens, checks the token of
every other request, and forwards what is allowed with the verified user id in
the header
.Li X\-User\-Id .
.Pp
These options may stand before or behind every command:
)";

constexpr auto tail = R"(.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev ACCESS_TOKEN_SECRET , Ev REFRESH_TOKEN_SECRET
Secrets of tokens, with
.Li algorithm: HS256 .
.It Ev SEALING_SECRET
Under which a store keeps the keys that sign tokens.
.It Ev PGPASSWORD , Ev REDIS_PASSWORD , Ev SMTP_PASSWORD
Passwords of the servers that the configuration names.
.It Ev LISTEN_FDS , Ev NOTIFY_SOCKET , Ev WATCHDOG_USEC
What a service manager says to the process that it starts; read by
.Cm run
and removed:
.Xr sd_listen_fds 3 ,
.Xr sd_notify 3 ,
.Xr sd_watchdog_enabled 3 .
.El
.Pp
Any other variable may be named in the configuration.
.Sh FILES
.Bl -tag -width Ds
.It Pa gatehouse.yaml
The configuration, in the working folder.
.It Pa /etc/gatehouse/gatehouse.yaml
That of the system service.
.It Pa /var/lib/gatehouse
Its accounts, sessions and keys.
.El
.Sh EXIT STATUS
0 when all is well, 1 when something failed at run time, 2 for bad usage or a
bad configuration.
.Sh EXAMPLES
Protect one service, without a file:
.Pp
.Dl gatehouse run \-\-upstream http://127.0.0.1:3000
.Pp
Write a file to begin with, see what is wrong with it, and start:
.Bd -literal -offset indent
gatehouse init
gatehouse check
gatehouse run
.Ed
.Sh SEE ALSO
.Xr gatehouse.yaml 5
)";

/// Descriptions have no full stop; a sentence of a manual has one.
std::string sentence(std::string text)
{
    const bool ended = text.ends_with('.') || text.ends_with('?') || text.ends_with("...");
    return roff::paragraph(ended ? text : text + ".");
}

std::string shown_value(const OptionFacts& option)
{
    if (!option.choices.empty()) return fmt::format("{}", fmt::join(option.choices, "|"));
    return option.value == "UINT" ? "NUMBER" : option.value;
}

std::string option_items(const CommandFacts& command)
{
    std::string items;
    for (const auto& option : command.options) {
        if (option.positional || option.name == "--help") continue;
        items += fmt::format(".It Fl {}", roff::escaped(option.name.substr(1)));
        if (!option.value.empty()) items += fmt::format(" Ar {}", shown_value(option));
        auto meaning = option.meaning;
        if (!option.standard.empty()) meaning += fmt::format(". Default: `{}`", option.standard);
        items += "\n" + sentence(meaning);
    }
    return items.empty() ? "" : ".Bl -tag -width Ds\n" + items + ".El\n";
}

std::string words_of(const CommandFacts& command)
{
    std::string words;
    for (const auto& option : command.options) {
        if (!option.positional) continue;
        const auto name = roff::escaped(option.name);
        const auto* more = option.repeatable ? " ..." : "";
        words += option.required ? fmt::format(" Ar {}{}", name, more)
                                 : fmt::format(" Op Ar {}{}", name, more);
    }
    return words;
}

std::string command_items(const CommandFacts& root)
{
    std::string items;
    shell::each_command(root, [&](const CommandFacts& command) {
        if (command.path.empty() || !command.commands.empty()) return;
        items += fmt::format(".It Cm {}{}\n", roff::escaped(command.path), words_of(command));
        items += sentence(command.meaning) + option_items(command);
    });
    return items;
}

} // namespace

std::string command_manual(const CommandFacts& root)
{
    return head + option_items(root) + ".Sh COMMANDS\n.Bl -tag -width Ds\n" + command_items(root) +
           ".El\n" + tail;
}

} // namespace gatehouse::gateway
