// Runs the simulation: one seed with its story, or many seeds on all cores.
#include "tests/simulation/world.hpp"

#include <fmt/core.h>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::simulation {
namespace {

constexpr std::string_view usage = R"(simulation: sessions on three replicas in virtual time

  --seed N      this run, told line by line
  --seeds N     so many runs (20000), silent unless one goes wrong
  --from N      the first seed of them (1)
  --jobs N      processes that share them (one per core)
  --bug NAME    with this mistake planted
  --list-bugs   the names

Exit code 1: a run broke an invariant. What it prints then runs it again.
)";

struct Choice {
    std::optional<std::uint64_t> seed;
    std::uint64_t seeds = 20'000;
    std::uint64_t from = 1;
    std::uint64_t jobs = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_ONLN));
    NamedBug bug{Bug::none, "", {}};
};

std::string again(std::uint64_t seed, std::string_view bug)
{
    return fmt::format("tests/simulation/run --seed {}{}{}", seed, bug.empty() ? "" : " --bug ",
                       bug);
}

void print(const Violation& violation, std::uint64_t seed, std::string_view bug)
{
    fmt::print("seed {}: {} at {:.3f} s: {}\n    {}\n", seed, to_string(violation.invariant),
               std::chrono::duration<double>(violation.when).count(), violation.what,
               again(seed, bug));
    std::fflush(stdout);
}

int tell_one(const Choice& choice)
{
    const auto verdict = run(
        {*choice.seed, choice.bug.bug, [](const std::string& line) { fmt::print("{}\n", line); }});
    fmt::print("{} requests were answered\n", verdict.answers);
    if (verdict.violation) {
        print(*verdict.violation, *choice.seed, choice.bug.name);
    } else {
        fmt::print("seed {}: all invariants held\n", *choice.seed);
    }
    return verdict.violation ? 1 : 0;
}

/// Every `jobs`th seed, beginning with the `first`. Exit code: whether one went wrong.
int run_share(const Choice& choice, std::uint64_t first)
{
    bool wrong = false;
    for (auto i = first; i < choice.seeds; i += choice.jobs) {
        const auto seed = choice.from + i;
        const auto verdict = run({seed, choice.bug.bug, {}});
        if (!verdict.violation) continue;
        print(*verdict.violation, seed, choice.bug.name);
        wrong = true;
    }
    return wrong ? 1 : 0;
}

/// Processes and not threads: what is random in a run is seeded for the whole process.
int run_many(const Choice& choice)
{
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t job = 0; job < choice.jobs; ++job) {
        const auto child = ::fork();
        if (child == 0) std::_Exit(run_share(choice, job));
        if (child < 0) {
            fmt::print("cannot start a process\n");
            return 2;
        }
    }
    bool wrong = false;
    for (std::uint64_t job = 0; job < choice.jobs; ++job) {
        int status = 0;
        ::wait(&status);
        if (WIFSIGNALED(status)) fmt::print("a process died of signal {}\n", WTERMSIG(status));
        wrong = wrong || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{} seeds from {} in {:.1f} s, {:.0f} seeds/s\n", choice.seeds, choice.from,
               took.count(), static_cast<double>(choice.seeds) / took.count());
    fmt::print("{} passed, {} failed\n", wrong ? 0 : 1, wrong ? 1 : 0);
    return wrong ? 1 : 0;
}

bool read(std::string_view text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool take(Choice& choice, std::string_view option, std::string_view value)
{
    if (option == "--seed") return read(value, choice.seed.emplace());
    if (option == "--seeds") return read(value, choice.seeds);
    if (option == "--from") return read(value, choice.from);
    if (option == "--jobs") return read(value, choice.jobs) && choice.jobs > 0;
    if (option != "--bug") return false;
    const auto bug = find_bug(value);
    if (bug) choice.bug = *bug;
    return bug.has_value();
}

int execute(std::span<char*> arguments)
{
    Choice choice;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view option = arguments[i];
        if (option == "--list-bugs") {
            for (const auto& bug : all_bugs()) fmt::print("{}\n", bug.name);
            return 0;
        }
        const std::string_view value = i + 1 < arguments.size() ? arguments[++i] : "";
        if (!take(choice, option, value)) {
            fmt::print(stderr, "{}", usage);
            return 2;
        }
    }
    return choice.seed ? tell_one(choice) : run_many(choice);
}

} // namespace
} // namespace gatehouse::simulation

int main(int argc, char** argv)
{
    // Throttles take megabytes that are hardly touched: fresh pages cost less than clearing.
    ::mallopt(M_MMAP_THRESHOLD, 512 * 1024);
    return gatehouse::simulation::execute({argv, static_cast<std::size_t>(argc)});
}
