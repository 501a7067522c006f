#include "gateway/command/password_input.hpp"

#include "gateway/net/file_descriptor.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway {
namespace {

/// The terminal with its echo off, for as long as this lives.
class QuietTerminal {
public:
    explicit QuietTerminal(int terminal) : terminal_(terminal)
    {
        quiet_ = ::tcgetattr(terminal, &before_) == 0;
        if (!quiet_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet_ = ::tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
    }

    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

    ~QuietTerminal()
    {
        if (quiet_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }

    [[nodiscard]] bool works() const noexcept { return quiet_; }

private:
    int terminal_;
    termios before_{};
    bool quiet_ = false;
};

void say(int terminal, std::string_view text)
{
    // A terminal that cannot be written to cannot be asked either: the read below will tell.
    [[maybe_unused]] const auto written = ::write(terminal, text.data(), text.size());
}

std::optional<std::string> ask(int terminal, std::string_view question)
{
    say(terminal, question);
    std::string line;
    char c = 0;
    while (::read(terminal, &c, 1) == 1) {
        if (c != '\n') {
            line += c;
            continue;
        }
        say(terminal, "\n");
        return line;
    }
    return {};
}

std::optional<Secret> ask_twice(Console& console)
{
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    const FileDescriptor owner{terminal};
    const QuietTerminal quiet{terminal};
    if (terminal < 0 || !quiet.works()) {
        console.err << "there is no terminal to ask for the password\n"
                       "  hint: pipe it in with --password-stdin\n";
        return {};
    }
    auto first = ask(terminal, "New password: ");
    auto second = ask(terminal, "Once more: ");
    if (!first || !second) return {};
    const Secret again{*std::move(second)};
    Secret password{*std::move(first)};
    if (password.reveal() == again.reveal()) return password;
    console.err << "the two passwords differ; nothing was changed\n";
    return {};
}

} // namespace

std::optional<Secret> read_new_password(bool from_stdin, Console& console)
{
    if (!from_stdin) return ask_twice(console);
    std::string line;
    if (!std::getline(console.in, line) || line.empty()) {
        console.err
            << "there is no password on standard input\n"
               "  hint: printf '%s\\n' \"$PASSWORD\" | gatehouse user ... --password-stdin\n";
        return {};
    }
    if (line.ends_with('\r')) line.pop_back();
    return Secret{std::move(line)};
}

} // namespace gatehouse::gateway
