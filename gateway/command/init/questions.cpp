#include "gateway/command/init/questions.hpp"

#include "config/diagnostics/nearest.hpp"
#include "config/forms/forms.hpp"
#include "config/settings/identity.hpp"

#include <fmt/format.h>

#include <istream>
#include <optional>
#include <vector>

namespace gatehouse::gateway {
namespace {

std::optional<config::Problem> check_registration(std::string_view text)
{
    std::vector<std::string_view> known;
    for (const auto& word : config::words(config::Registration{})) {
        if (word.text == text) return {};
        known.push_back(word.text);
    }
    return config::Problem{fmt::format("{} is none of these", config::quoted(text)),
                           config::nearest_hint(text, known)};
}

constexpr config::Form registration{"open, invite or closed", check_registration};

std::string trimmed(const std::string& line)
{
    constexpr auto blanks = " \t\r";
    const auto first = line.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

/// Nothing when standard input ends.
std::optional<std::string> ask(const std::string& question, const std::string& usual,
                               const config::Form& form, Console& console)
{
    std::string line;
    for (;;) {
        console.err << fmt::format("{} [{}]: ", question, usual) << std::flush;
        if (!std::getline(console.in, line)) {
            console.err << "\nstandard input ended; nothing was written\n";
            return {};
        }
        auto answer = trimmed(line);
        if (answer.empty()) return usual;
        const auto problem = form.check(answer);
        if (!problem) return answer;
        console.err << told("  no", *problem);
    }
}

} // namespace

std::string told(const std::string& what, const config::Problem& problem)
{
    const auto hint = problem.hint.empty() ? "" : fmt::format("  hint: {}\n", problem.hint);
    return fmt::format("{}: {}\n{}", what, problem.message, hint);
}

bool ask_what_is_open(const Arguments& arguments, Plan& plan, Console& console)
{
    if (plan.routes.empty()) {
        auto answer = ask("Which service is to be protected?", default_upstream,
                          config::forms::endpoint, console);
        if (!answer) return false;
        plan.routes = {
            {"/**", *std::move(answer), ""}
        };
    }
    if (arguments.listen.empty()) {
        auto answer =
            ask("Where do clients connect?", plan.listen, config::forms::listen_address, console);
        if (!answer) return false;
        plan.listen = *std::move(answer);
    }
    if (arguments.registration.empty()) {
        auto answer = ask("Who may register: open, invite or closed?", plan.registration,
                          registration, console);
        if (!answer) return false;
        plan.registration = *std::move(answer);
    }
    return true;
}

} // namespace gatehouse::gateway
