#include "gateway/command/init/questions.hpp"

#include "config/diagnostics/nearest.hpp"
#include "config/environment/read_file.hpp"
#include "config/forms/forms.hpp"
#include "config/scalars/scalars.hpp"
#include "config/settings/identity.hpp"
#include "gateway/net/tls/key_pair.hpp"

#include <fmt/format.h>

#include <filesystem>
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

std::string trimmed(const std::string& line)
{
    constexpr auto blanks = " \t\r";
    const auto first = line.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

std::optional<config::Problem> check_yes_or_no(std::string_view text)
{
    if (text == "yes" || text == "no") return {};
    return config::Problem{fmt::format("{} is neither", config::quoted(text)), "write yes or no"};
}

std::optional<config::Problem> check_redirect(std::string_view text)
{
    if (text == "no") return {};
    return config::forms::listen_address.check(text);
}

/// Nothing when standard input ends.
template <class Check>
std::optional<std::string> ask(const std::string& question, const std::string& usual,
                               const Check& check, Console& console)
{
    std::string line;
    for (;;) {
        console.err << fmt::format("{} [{}]: ", question, usual) << std::flush;
        if (!std::getline(console.in, line)) {
            console.err << "\nstandard input ended; nothing was written\n";
            return {};
        }
        auto answer = trimmed(line);
        if (answer.empty()) answer = usual;
        const auto problem = check(answer);
        if (!problem) return answer;
        console.err << told("  no", *problem);
    }
}

/// The files that a certificate and its key are in, judged as `run` would.
class TlsFiles {
public:
    explicit TlsFiles(const Arguments& arguments)
        : folder_(std::filesystem::path(arguments.config_file).parent_path())
    {
    }

    std::optional<config::Problem> check_certificate(std::string_view file)
    {
        if (auto problem = read(file, chain_)) return problem;
        const auto all = read_certificates(chain_);
        if (all) return {};
        return config::Problem{fmt::format("{}: {}", config::quoted(file), all.error()), ""};
    }

    std::optional<config::Problem> check_key(std::string_view file)
    {
        std::string key;
        if (auto problem = read(file, key)) return problem;
        const auto pair = KeyPair::read(chain_, key);
        if (pair) return {};
        return config::Problem{fmt::format("{}: {}", config::quoted(file), pair.error()), ""};
    }

private:
    std::optional<config::Problem> read(std::string_view file, std::string& text) const
    {
        if (auto problem = config::forms::file_path.check(file)) return problem;
        auto read = config::read_file((folder_ / file).string(), config::MiB);
        if (!read)
            return config::Problem{fmt::format("{} {}", config::quoted(file), read.error().message),
                                   "a relative path starts at the folder of the configuration"};
        text = *std::move(read);
        return {};
    }

    std::filesystem::path folder_;
    std::string chain_;
};

bool ask_for_https(const Arguments& arguments, Plan& plan, Console& console)
{
    // Whoever says where, and names no certificate, means plain HTTP.
    if (!arguments.certificate.empty() || !arguments.listen.empty()) return true;
    const auto https =
        ask("Does it speak HTTPS itself: yes or no?", "no", check_yes_or_no, console);
    if (!https) return false;
    if (*https == "no") return true;
    TlsFiles files(arguments);
    auto certificate = ask(
        "Which file has the certificate?", "tls.crt",
        [&](std::string_view file) { return files.check_certificate(file); }, console);
    if (!certificate) return false;
    auto key = ask(
        "Which file has its key?", "tls.key",
        [&](std::string_view file) { return files.check_key(file); }, console);
    if (!key) return false;
    plan.certificate = *std::move(certificate);
    plan.key = *std::move(key);
    plan.listen = listen_by_https;
    return true;
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
                          config::forms::endpoint.check, console);
        if (!answer) return false;
        plan.routes = {
            {"/**", *std::move(answer), ""}
        };
    }
    if (!ask_for_https(arguments, plan, console)) return false;
    if (arguments.listen.empty()) {
        auto answer = ask("Where do clients connect?", plan.listen,
                          config::forms::listen_address.check, console);
        if (!answer) return false;
        plan.listen = *std::move(answer);
    }
    if (!plan.certificate.empty() && arguments.redirect.empty()) {
        auto answer = ask("Where do plain clients connect, who are sent to HTTPS, or no?", "no",
                          check_redirect, console);
        if (!answer) return false;
        if (*answer != "no") plan.redirect = *std::move(answer);
    }
    if (arguments.registration.empty()) {
        auto answer = ask("Who may register: open, invite or closed?", plan.registration,
                          check_registration, console);
        if (!answer) return false;
        plan.registration = *std::move(answer);
    }
    return true;
}

} // namespace gatehouse::gateway
