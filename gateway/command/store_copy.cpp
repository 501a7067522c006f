#include "gateway/command/store_copy.hpp"

#include "auth/store/copy/copy_store.hpp"
#include "auth/tokens/key_store.hpp"
#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

/// Enough for people to compare; all of it was compared.
constexpr std::size_t shown_digits = 16;

[[nodiscard]] std::optional<std::string> problem_with(std::string_view option,
                                                      const std::string& spec)
{
    if (enforced("command.no_password_in_url") && config::has_password(spec)) {
        // Not repeated here: whoever sees the terminal would see the password.
        return fmt::format("{}: has a password in it, which everybody on this machine can see\n"
                           "  hint: write it into a file and name that as postgres.password_file, "
                           "or set PGPASSWORD\n",
                           option);
    }
    if (auth::can_be_copied(spec)) return std::nullopt;
    return fmt::format("{}: \"{}\" names no store that can be copied\n"
                       "  hint: write sqlite:PATH or postgres://user@host/database\n",
                       option, printable(spec));
}

/// "": nothing lies beside such a store.
[[nodiscard]] std::string file_beside(std::string_view spec, std::string_view ending)
{
    if (!spec.starts_with(sqlite_scheme)) return {};
    return std::string(spec.substr(sqlite_scheme.size())).append(ending);
}

[[nodiscard]] bool is_there(const std::string& file)
{
    std::error_code ignored;
    return !file.empty() && std::filesystem::exists(file, ignored);
}

void print(const auth::CopyReport& report, Console& console)
{
    const auto line = [&](std::string_view store, std::string_view table,
                          const auth::RowsMeasure& measure) {
        console.out << fmt::format("{:6}  {:12}  {:>10}  {}\n", store, table, measure.rows,
                                   measure.sha256.substr(0, shown_digits));
    };
    console.out << fmt::format("{:6}  {:12}  {:>10}  {}\n", "store", "table", "rows", "sha256");
    for (const auto& [table, source, target] : report.tables) {
        line("source", table, source);
        line("target", table, target);
    }
    console.out << fmt::format("source  newest change  {}\ntarget  newest change  {}\n",
                               report.source_change, report.target_change);
}

[[nodiscard]] bool keys_came_along(const auth::CopyReport& report)
{
    return std::ranges::count(report.kept_keys, auth::KeyStore::name) > 0;
}

/// What is left to do so that logged-in users stay logged in.
void say_where_the_keys_are(const Arguments& arguments, const auth::CopyReport& report,
                            Console& console)
{
    if (keys_came_along(report)) {
        console.err << "the signing keys came along, sealed: every gateway needs the same "
                       "SEALING_SECRET as before\n";
        return;
    }
    const auto file = file_beside(arguments.from, ".keys.json");
    if (!is_there(file)) {
        console.err << "signing keys are no part of the source: every gateway needs the same ones "
                       "as before\n";
        return;
    }
    const auto beside = file_beside(arguments.to, ".keys.json");
    const auto copying = beside.empty() ? fmt::format("name it as tokens.keys_file of every "
                                                      "gateway, or seal it into the new store: "
                                                      "gatehouse keys import {}",
                                                      file)
                                        : fmt::format("cp -p {} {}", file, beside);
    console.err << fmt::format("the signing keys are in {}, which is no part of the store: without "
                               "them everybody has to log in again\n  hint: {}\n",
                               file, copying);
}

/// The secret under which the source keeps those of authenticator apps may lie beside it.
void say_what_second_factors_need(const Arguments& arguments, Console& console)
{
    const auto file = file_beside(arguments.from, ".totp.key");
    if (!is_there(file)) return;
    const auto beside = file_beside(arguments.to, ".totp.key");
    const auto copying =
        beside.empty()
            ? std::string("give it to every gateway and name it as second_factor.sealing_file")
            : fmt::format("cp -p {} {}", file, beside);
    console.err << fmt::format("second factors are sealed under {}, which is no part of the store: "
                               "without it no code of an app is good any more\n  hint: {}\n",
                               file, copying);
}

} // namespace

int run_store_copy(const Arguments& arguments, const config::Settings& settings, Console& console)
{
    auto problem = problem_with("--from", arguments.from);
    if (!problem) problem = problem_with("--to", arguments.to);
    if (!problem && arguments.from == arguments.to) {
        problem = "--from and --to name the same store\n";
    }
    if (problem) {
        console.err << *problem;
        return exit_usage;
    }
    const auto report = auth::copy_store(arguments.from, arguments.to, settings.postgres);
    if (!report) {
        console.err << report.error() << "\n";
        return exit_failed;
    }
    print(*report, console);
    console.err << (report->was_there ? "the target held all of this already: nothing was written\n"
                                      : "copied, read back from the target, and found the same\n");
    say_where_the_keys_are(arguments, *report, console);
    say_what_second_factors_need(arguments, console);
    console.err << "the source is as it was: let no gateway run on it again, or end its sessions "
                   "with `gatehouse store fence` first\n";
    return exit_ok;
}

} // namespace gatehouse::gateway
