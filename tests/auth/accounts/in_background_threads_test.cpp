#include "auth/accounts/in_background.hpp"
#include "auth/accounts/password_hasher.hpp"

#include <gtest/gtest.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

/// How the kernel schedules a thread.
struct Standing {
    int policy = 0;
    int nice = 0;

    static Standing of(pid_t thread)
    {
        return {::sched_getscheduler(thread),
                ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread))};
    }

    [[nodiscard]] bool is_in_background() const { return policy == SCHED_BATCH; }
};

/// Of the threads in the background.
std::set<int> nice_values()
{
    std::set<int> values;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
        const auto standing = Standing::of(std::stoi(task.path().filename().string()));
        if (standing.is_in_background()) values.insert(standing.nice);
    }
    return values;
}

/// From now on the calling thread, and those it starts, may not change how they are scheduled.
void forbid_scheduling()
{
    const auto refuse = [](unsigned call) {
        return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    };
    const sock_filter eperm = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        refuse(SYS_sched_setscheduler),
        eperm,
        refuse(SYS_sched_setattr),
        eperm,
        refuse(SYS_setpriority),
        eperm,
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

constexpr auto ignore = [](const Progress&) {};

/// The calling thread uses so much of a core.
void work_for(std::chrono::nanoseconds needed)
{
    ThreadClock clock;
    const ThreadClock::Running running(clock);
    const auto before = clock.used();
    while (clock.used() < before + needed) {
    }
}

TEST(InBackground, GivesBackWhatTheWorkReturnedOrThrew)
{
    EXPECT_EQ(in_background(Share::tenth, [] { return std::string("done"); }, ignore), "done");
    EXPECT_THROW(in_background(
                     Share::tenth, []() -> int { throw std::out_of_range("not done"); }, ignore),
                 std::out_of_range);
}

TEST(InBackground, WorksBelowEveryOtherThreadAndLeavesTheCallerWhereItWas)
{
    const auto before = Standing::of(0);
    for (const auto& [kept, nice] : {
             std::pair{Share::tenth,     10},
             {Share::thirtieth, 15},
             {Share::equal,     0 }
    }) {
        const auto there = in_background(kept, [] { return Standing::of(0); }, ignore);
        EXPECT_EQ(there.policy, SCHED_BATCH);
        EXPECT_EQ(there.nice, nice);
    }
    const auto after = Standing::of(0);
    EXPECT_EQ(after.policy, before.policy);
    EXPECT_EQ(after.nice, before.nice);
}

TEST(InBackground, ShowsWhatTheWorkUsesOfACoreUntilItHasEndedAndThen)
{
    std::chrono::nanoseconds meanwhile{};
    std::chrono::nanoseconds in_all{};
    const auto look = [&](const Progress& progress) {
        (progress.has_ended ? in_all : meanwhile) = progress.used;
    };
    while (meanwhile == 0ns) { // until somebody looked while it worked
        in_background(Share::tenth, [] { work_for(5ms); }, look);
        EXPECT_GE(in_all, 5ms);
    }
    EXPECT_LE(meanwhile, in_all);
    const auto before = in_all;
    in_background(Share::tenth, [] {}, look);
    EXPECT_LT(in_all, before) << "it counts the thread's own time";
}

TEST(InBackground, WorksAlsoWhereTheKernelForbidsToGiveWay)
{
    std::thread([] {
        forbid_scheduling();
        const auto there = in_background(Share::tenth, [] { return Standing::of(0); }, ignore);
        EXPECT_FALSE(there.is_in_background()) << "then nothing was forbidden";
    }).join();
}

/// With a hash that takes some milliseconds.
config::PasswordSettings settings_for(config::PasswordHash hash)
{
    config::PasswordSettings settings;
    settings.hash = hash;
    settings.argon2_memory_bytes = 1024 * 1024;
    settings.argon2_passes = 1;
    settings.bcrypt_cost = 6;
    return settings;
}

/// Makes `call` again and again until a thread in the background computes.
bool computes_in_background(const std::function<bool()>& call)
{
    std::jthread caller([&](const std::stop_token& enough) {
        while (!enough.stop_requested()) EXPECT_TRUE(call());
    });
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < deadline)
        if (!nice_values().empty()) return true;
    return false;
}

TEST(PasswordHasher, ComputesInTheBackground)
{
    for (const auto hash : {config::PasswordHash::argon2id, config::PasswordHash::bcrypt}) {
        PasswordHasher hasher(settings_for(hash));
        const auto stored = *hasher.hash("correct horse", *hasher.enter());

        const struct {
            const char* name;
            std::function<bool()> call;
        } cases[] = {
            {"new",      [&] { return hasher.hash("x", *hasher.enter()).has_value(); }          },
            {"known",    [&] { return hasher.verify(stored, "x", *hasher.enter()).has_value(); }},
            {"nobody's", [&] { return hasher.verify_nobody("x", *hasher.enter()).has_value(); } },
        };

        for (const auto& c : cases) {
            SCOPED_TRACE(c.name);
            EXPECT_TRUE(computes_in_background(c.call));
        }
    }
}

/// The calling thread and those it starts run on one core, which so many further ones fight for.
class BusyCore {
public:
    explicit BusyCore(int threads)
    {
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        ::sched_getaffinity(0, sizeof allowed, &allowed);
        int first = 0;
        while (!CPU_ISSET(first, &allowed)) ++first;
        CPU_ZERO(&allowed);
        CPU_SET(first, &allowed);
        EXPECT_EQ(::sched_setaffinity(0, sizeof allowed, &allowed), 0);
        for (int i = 0; i < threads; ++i) {
            busy_.emplace_back([](const std::stop_token& enough) {
                while (!enough.stop_requested()) {
                }
            });
        }
    }

private:
    std::vector<std::jthread> busy_;
};

TEST(PasswordHasher, GivesWayLessBehindAHashThatWasStarved)
{
    std::thread([] {
        PasswordHasher hasher{config::PasswordSettings()}; // some 20 ms
        const BusyCore busy(6);
        const auto hash = [&] { EXPECT_TRUE(hasher.verify_nobody("x", *hasher.enter())); };
        hash();
        while (!nice_values().empty()) {
        }
        const std::jthread next(hash);
        auto values = nice_values();
        while (values.empty()) values = nice_values();
        EXPECT_TRUE(values == std::set{0} || values == std::set{10}) << *values.begin();
    }).join();
}

TEST(InBackground, IsTakenByAThreadThatKeepsMoreWhereNoneIsLetBegin)
{
    std::thread([] {
        const BusyCore busy(25);
        std::chrono::steady_clock::time_point begun;
        const auto work = [&] {
            begun = std::chrono::steady_clock::now();
            return Standing::of(0);
        };
        const auto offered = std::chrono::steady_clock::now();
        const auto there = in_background(Share::thirtieth, work, ignore);
        EXPECT_EQ(there.policy, SCHED_BATCH);
        // A kernel may let it begin at once and make it wait afterwards.
        EXPECT_TRUE(there.nice < 15 || begun < offered + 3 * first_judgement);
    }).join();
}

} // namespace
} // namespace gatehouse::auth
