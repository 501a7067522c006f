#include "gateway/sandbox/call_filter.hpp"
#include "gateway/sandbox/sandbox.hpp"
#include "tests/gateway/sandbox/in_a_child.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

namespace gatehouse::gateway::test {
namespace {

long core_limit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_CORE, &limit);
    return static_cast<long>(limit.rlim_max);
}

TEST(Sandbox, MemoryIsDumpedNowhereAndShownToNobody)
{
    const auto errors =
        errors_in_a_child([] { return keep_memory_private().has_value(); },
                          {[] { return ::prctl(PR_GET_DUMPABLE) == 0 ? 0L : (errno = EBUSY, -1L); },
                           [] { return core_limit() == 0 ? 0L : (errno = EBUSY, -1L); }});
    EXPECT_EQ(errors, (std::vector{0, 0}));
}

TEST(Sandbox, OffGivesUpNothing)
{
    config::Settings settings;
    settings.sandbox = config::SandboxMode::off;
    const auto errors = errors_in_a_child(
        [&] {
            const auto sandbox = enter_sandbox(settings);
            return sandbox && sandbox->words() == "off" && sandbox->missing.empty();
        },
        {[] { return ::syscall(SYS_personality, 0xffffffff); },
         [] { return ::prctl(PR_GET_DUMPABLE) == 1 ? 0L : (errno = EBUSY, -1L); }});
    EXPECT_EQ(errors, (std::vector{0, 0}));
}

/// A container whose own rules do not let the process make any: a filter that is there already
/// plays it, and our own allows neither seccomp() nor Landlock.
bool in_a_container_that_forbids_it()
{
    return obey(system_calls_for(::getpid())).has_value();
}

TEST(Sandbox, GoesWithoutWhereItMayAndNamesWhatIsMissing)
{
    config::Settings settings;
    settings.store = "memory";
    const auto errors = errors_in_a_child(
        in_a_container_that_forbids_it, {[&] {
            const auto sandbox = enter_sandbox(settings);
            errno = EBUSY;
            return sandbox && sandbox->words() == "off" && !sandbox->missing.empty() ? 0L : -1L;
        }});
    EXPECT_EQ(errors, std::vector{0});
}

TEST(Sandbox, DoesNotStartWithoutWhatIsRequired)
{
    config::Settings settings;
    settings.store = "memory";
    settings.sandbox = config::SandboxMode::required;
    const auto errors = errors_in_a_child(
        in_a_container_that_forbids_it, {[&] {
            const auto sandbox = enter_sandbox(settings);
            errno = EBUSY;
            return !sandbox && sandbox.error().find("required") != std::string::npos ? 0L : -1L;
        }});
    EXPECT_EQ(errors, std::vector{0});
}

TEST(Sandbox, SaysInAFewWordsWhatIsInForce)
{
    EXPECT_EQ(Sandbox{}.words(), "off");
    EXPECT_EQ((Sandbox{true, 0, {}}.words()), "seccomp");
    EXPECT_EQ((Sandbox{false, 3, {}}.words()), "landlock:3");
    EXPECT_EQ((Sandbox{true, 7, {}}.words()), "seccomp,landlock:7");
}

} // namespace
} // namespace gatehouse::gateway::test
