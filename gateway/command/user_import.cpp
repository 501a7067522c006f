#include "gateway/command/user_import.hpp"

#include "gateway/command/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <ranges>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using auth::AdminService;
using auth::AuthError;
using Outcome = Result<AdminService::Import, AuthError>;

/// Writes that wait together are committed together: see auth/store/sqlite/writer.hpp.
constexpr std::size_t at_once = 16;
/// Nobody reads more; how many there are is said besides.
constexpr std::size_t most_told = 100;
constexpr std::size_t longest_line = std::size_t{16} * 1024 * 1024; // a document of MongoDB

struct Line {
    std::size_t number = 0;
    auth::ImportedAccount account;
    Outcome outcome = AdminService::Import::is_new;

    [[nodiscard]] bool is(AdminService::Import what) const { return outcome && *outcome == what; }
};

class Import {
public:
    Import(const Arguments& arguments, OperatorRooms& rooms, Console& console)
        : arguments_(arguments),
          rooms_(rooms),
          console_(console)
    {
    }

    int run()
    {
        if (arguments_.file == "-") {
            read(console_.in);
        } else {
            std::ifstream file(arguments_.file);
            if (!file) return complain("cannot be read");
            read(file);
            // A folder can be opened, too, and a disk may fail in the middle.
            if (file.bad()) return complain("cannot be read; nothing was imported");
        }
        find_doubles();
        for_each_line([this](const auto& account) { return rooms_.service().look_up(account); });
        if (store_is_away()) return complain("the store does not answer; nothing was imported");
        for (const auto& line : lines_) {
            if (line.is(AdminService::Import::name_taken)) {
                mistake(line.number, "somebody else has one of its names already");
            }
        }
        if (!mistakes_.empty()) return refuse();
        if (arguments_.dry_run) return report("would be imported", "nothing was changed");
        for_each_line(
            [this](const auto& account) { return rooms_.service().import_user(account); });
        return settle();
    }

private:
    int complain(std::string_view what)
    {
        console_.err << fmt::format("{}: {}\n", printable(arguments_.file), what);
        return exit_failed;
    }

    void tell(std::size_t line, std::string_view what)
    {
        console_.err << fmt::format("{}:{}: {}\n", printable(arguments_.file), line,
                                    printable(what));
    }

    void mistake(std::size_t line, std::string_view what) { mistakes_.emplace(line, what); }

    void read(std::istream& in)
    {
        const auth::ImportRules rules{rooms_.hasher(), rooms_.clock().seconds(),
                                      arguments_.username_member};
        std::size_t number = 0;
        for (std::string text; std::getline(in, text);) {
            ++number;
            if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
            if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
            if (text.size() > longest_line) {
                mistake(number, "is longer than 16 MiB");
                continue;
            }
            auto account = read_import_record(text, rules);
            if (account) {
                lines_.push_back({number, *std::move(account)});
                continue;
            }
            for (const auto& problem : account.error()) {
                mistake(number, problem.name.empty()
                                    ? problem.message
                                    : fmt::format("{}: {}", problem.name, problem.message));
            }
        }
    }

    /// Two records that cannot both become accounts.
    void find_doubles()
    {
        std::map<std::string_view, std::size_t> ids;
        std::map<std::string_view, std::size_t> names;
        for (const auto& line : lines_) {
            const auto& user = line.account.user;
            if (!user.id.empty()) {
                const auto [first, is_new] = ids.emplace(user.id, line.number);
                if (!is_new)
                    mistake(line.number, fmt::format("_id: is that of line {}", first->second));
            }
            for (const auto* name : {&user.folded_username, &user.folded_email}) {
                if (!*name) continue;
                const auto [first, is_new] = names.emplace(**name, line.number);
                if (!is_new && first->second != line.number) {
                    mistake(line.number,
                            fmt::format("{}: is a name of line {}",
                                        name == &user.folded_email ? "email" : "username",
                                        first->second));
                }
            }
        }
    }

    template <class Work>
    void for_each_line(const Work& work)
    {
        std::atomic<std::size_t> next{0};
        const auto some = [&] {
            for (auto i = next++; i < lines_.size(); i = next++) {
                lines_[i].outcome = work(lines_[i].account);
            }
        };
        std::vector<std::jthread> helpers;
        for (std::size_t i = 1; i < std::min(at_once, lines_.size()); ++i) {
            helpers.emplace_back(some);
        }
        some();
    }

    [[nodiscard]] bool store_is_away() const
    {
        return std::ranges::any_of(lines_, [](const auto& line) { return !line.outcome; });
    }

    [[nodiscard]] std::size_t count(AdminService::Import outcome) const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            lines_, [outcome](const auto& line) { return line.is(outcome); }));
    }

    int refuse()
    {
        const auto count = mistakes_.size();
        for (const auto& [line, what] : mistakes_ | std::views::take(most_told)) tell(line, what);
        if (count > most_told) console_.err << fmt::format("... and {} more\n", count - most_told);
        console_.err << fmt::format("{} mistake{}; nothing was imported\n", count,
                                    count == 1 ? "" : "s");
        return exit_usage;
    }

    int report(std::string_view what, std::string_view besides)
    {
        std::size_t told = 0;
        for (const auto& line : lines_) {
            const auto& unfit = line.account.unfit_id;
            const bool is_new = line.is(AdminService::Import::is_new);
            const bool is_there = line.is(AdminService::Import::is_there);
            if (is_there && told++ < most_told) tell(line.number, "is there already");
            if (is_new && !unfit.empty() && told++ < most_told) {
                tell(line.number,
                     fmt::format("gets a new id: \"{}\" cannot travel in a header", unfit));
            }
        }
        console_.out << fmt::format(
            "{} {}, {} there already{}{}\n", count(AdminService::Import::is_new), what,
            count(AdminService::Import::is_there), besides.empty() ? "" : "; ", besides);
        return exit_ok;
    }

    /// Something may have gone wrong since everything looked well.
    int settle()
    {
        std::size_t lost = 0;
        for (const auto& line : lines_) {
            const bool taken = line.is(AdminService::Import::name_taken);
            if (line.outcome && !taken) continue;
            if (lost++ < most_told) {
                tell(line.number, taken ? "not imported: its name was taken meanwhile"
                                        : "not imported: the store did not answer");
            }
        }
        if (lost == 0) return report("imported", "");
        report("imported", fmt::format("{} not: run the command again", lost));
        return exit_failed;
    }

    const Arguments& arguments_;
    OperatorRooms& rooms_;
    Console& console_;
    std::vector<Line> lines_;
    std::multimap<std::size_t, std::string> mistakes_; // by line
};

} // namespace

int run_user_import(const Arguments& arguments, OperatorRooms& rooms, Console& console)
{
    return Import(arguments, rooms, console).run();
}

} // namespace gatehouse::gateway
