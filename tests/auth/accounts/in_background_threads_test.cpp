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

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

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

    [[nodiscard]] bool gives_way() const { return policy == SCHED_BATCH && nice >= 10; }
};

/// 0: none does.
int nice_of_a_thread_that_gives_way()
{
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
        const auto standing = Standing::of(std::stoi(task.path().filename().string()));
        if (standing.gives_way()) return standing.nice;
    }
    return 0;
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

TEST(InBackground, GivesBackWhatTheWorkReturnedOrThrew)
{
    EXPECT_EQ(in_background(Share::tenth, [] { return std::string("done"); }), "done");
    EXPECT_THROW(in_background(Share::tenth, []() -> int { throw std::out_of_range("not done"); }),
                 std::out_of_range);
}

TEST(InBackground, WorksBelowEveryOtherThreadAndLeavesTheCallerWhereItWas)
{
    const auto before = Standing::of(0);
    for (const auto& [kept, nice] : {
             std::pair{Share::tenth,     10},
             {Share::hundredth, 19}
    }) {
        const auto there = in_background(kept, [] { return Standing::of(0); });
        EXPECT_EQ(there.policy, SCHED_BATCH);
        EXPECT_EQ(there.nice, nice);
    }
    const auto after = Standing::of(0);
    EXPECT_EQ(after.policy, before.policy);
    EXPECT_EQ(after.nice, before.nice);
}

TEST(InBackground, KnowsHowMuchOfACoreTheWorkNeeded)
{
    const auto used = in_background(Share::tenth, [] {
        const auto before = used_by_this_thread();
        while (used_by_this_thread() < before + 5ms) {
        }
        return used_by_this_thread() - before;
    });
    EXPECT_GE(used, 5ms);
    EXPECT_LT(in_background(Share::tenth, [] { return used_by_this_thread(); }), used)
        << "it counts the thread's own time";
}

TEST(InBackground, WorksAlsoWhereTheKernelForbidsToGiveWay)
{
    std::thread([] {
        forbid_scheduling();
        const auto there = in_background(Share::tenth, [] { return Standing::of(0); });
        EXPECT_FALSE(there.gives_way()) << "then nothing was forbidden";
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

/// Of the thread that computes while `call` is made again and again. 0: none gave way.
int nice_while(const std::function<bool()>& call)
{
    std::jthread caller([&](const std::stop_token& enough) {
        while (!enough.stop_requested()) EXPECT_TRUE(call());
    });
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    int nice = 0;
    while (nice == 0 && std::chrono::steady_clock::now() < deadline)
        nice = nice_of_a_thread_that_gives_way();
    return nice;
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
            EXPECT_GE(nice_while(c.call), 10);
        }
    }
}

/// The calling thread and those it starts run on one core, which a further one uses up.
class BusyCore {
public:
    BusyCore()
    {
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        ::sched_getaffinity(0, sizeof allowed, &allowed);
        int first = 0;
        while (!CPU_ISSET(first, &allowed)) ++first;
        CPU_ZERO(&allowed);
        CPU_SET(first, &allowed);
        EXPECT_EQ(::sched_setaffinity(0, sizeof allowed, &allowed), 0);
        busy_ = std::jthread([](const std::stop_token& enough) {
            while (!enough.stop_requested()) {
            }
        });
    }

private:
    std::jthread busy_;
};

TEST(PasswordHasher, GivesWayLessBehindAHashThatWasStarved)
{
    std::thread([] {
        PasswordHasher hasher{config::PasswordSettings()}; // some 20 ms
        const BusyCore busy;
        const auto hash = [&] { return hasher.verify_nobody("x", *hasher.enter()).has_value(); };
        EXPECT_TRUE(hash());
        EXPECT_EQ(nice_while(hash), 10);
    }).join();
}

} // namespace
} // namespace gatehouse::auth
