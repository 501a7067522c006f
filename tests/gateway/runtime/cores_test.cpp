#include "gateway/runtime/cores.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::gateway {
namespace {

TEST(Cores, ReadsTheLimitOfCgroupVersion2)
{
    const struct {
        const char* text;
        std::optional<std::uint32_t> cores;
    } rows[] = {
        {"max 100000",                {}},
        {"max 100000\n",              {}},
        {"100000 100000",             1 },
        {"100001 100000\n",           2 },
        {"50000 100000",              1 },
        {"1 100000",                  1 },
        {"250000 100000",             3 },
        {"",                          {}},
        {"0 100000",                  {}},
        {"100000",                    {}},
        {"100000 0",                  {}},
        {"-1 100000",                 {}},
        {"1e5 100000",                {}},
        {" 1 1",                      {}},
        {"1 1 1",                     {}},
        {"99999999999999999999999 1", {}},
        {"18446744073709551615 1",    {}},
    };

    for (const auto& row : rows) EXPECT_EQ(cores_of_cpu_max(row.text), row.cores) << row.text;
}

TEST(Cores, ReadsTheLimitOfCgroupVersion1)
{
    EXPECT_EQ(cores_of_cfs("-1\n", "100000\n"), std::nullopt);
    EXPECT_EQ(cores_of_cfs("150000\n", "100000\n"), 2U);
    EXPECT_EQ(cores_of_cfs("", ""), std::nullopt);
}

TEST(Cores, NeverExceedTheCgroupOrFallBelowOne)
{
    const TemporaryFolder root;
    const auto unlimited = available_cores(root.path());
    EXPECT_GE(unlimited, 1U);
    std::ofstream(root / "cpu.max") << "20000 100000\n";
    EXPECT_EQ(available_cores(root.path()), 1U);
    std::ofstream(root / "cpu.max") << "max 100000\n";
    EXPECT_EQ(available_cores(root.path()), unlimited);
}

} // namespace
} // namespace gatehouse::gateway
