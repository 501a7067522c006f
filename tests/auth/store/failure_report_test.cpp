#include "auth/store/failure_report.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

TEST(FailureReport, SaysOneFailureASecondAndHowManyCameBetween)
{
    std::vector<std::string> said;
    FailureReport report([&](std::string_view why, std::uint64_t unsaid) {
        said.push_back(std::string(why) + " +" + std::to_string(unsaid));
    });
    const FailureReport::Steady::time_point start{1h};
    report.note("locked", start);
    report.note("locked", start + 1ms);
    report.note("full", start + 999ms);
    report.note("full", start + 1s);
    report.note("full", start + 5s);
    EXPECT_EQ(said, (std::vector<std::string>{"locked +0", "full +2", "full +0"}));
}

TEST(FailureReport, NeedsNobodyWhoListens)
{
    FailureReport report({});
    report.note("locked");
}

TEST(FailureReport, GoesOnWhenALineCannotBeWritten)
{
    FailureReport report([](std::string_view, std::uint64_t) { throw std::bad_alloc(); });
    report.note("locked");
}

} // namespace
} // namespace gatehouse::auth
