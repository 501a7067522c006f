#include "config/scalars/scalars.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;

TEST(Count, TakesDecimalDigitsOnly)
{
    EXPECT_EQ(parse_count("0"), 0U);
    EXPECT_EQ(parse_count("10"), 10U);
    EXPECT_EQ(parse_count("18446744073709551615"), 18446744073709551615U);
    for (const auto* text : {"", "010", "00", "+5", "-1", "0x1F", "0o17", "1e3", "1_000", "1.5",
                             " 1", "1 ", "18446744073709551616", "one"}) {
        EXPECT_FALSE(parse_count(text)) << text;
    }
}

TEST(Ratio, IsADecimalFractionFromZeroToOne)
{
    EXPECT_EQ(parse_ratio("0"), 0.0);
    EXPECT_EQ(parse_ratio("1"), 1.0);
    EXPECT_EQ(parse_ratio("1.000"), 1.0);
    EXPECT_EQ(parse_ratio("0.25"), 0.25);
    EXPECT_NEAR(parse_ratio("0.000000001").value_or(1), 1e-9, 1e-15);
    for (const auto* text : {"", ".5", "0.", "00.5", "1.1", "2", "-0.5", "0.5x", "5%", "1e-3",
                             " 0.5", "0.0000000001", "0,5", "nan"}) {
        EXPECT_FALSE(parse_ratio(text)) << text;
    }
}

TEST(Duration, IsANumberAndAUnit)
{
    struct Case {
        const char* text;
        std::optional<Millis> expected;
    };

    const Case cases[] = {
        {"0",                     0ms          },
        {"0s",                    0ms          },
        {"250ms",                 250ms        },
        {"10s",                   10s          },
        {"15m",                   15min        },
        {"1h",                    1h           },
        {"365d",                  365 * 24h    },
        {"15",                    std::nullopt },
        {"15 m",                  std::nullopt },
        {"15 parsecs",            std::nullopt },
        {"15M",                   std::nullopt },
        {"1.5h",                  std::nullopt },
        {"-1s",                   std::nullopt },
        {"015s",                  std::nullopt },
        {"1h30m",                 std::nullopt },
        {"s",                     std::nullopt },
        {"",                      std::nullopt },
        {"106751991168d",         std::nullopt }, // more milliseconds than 63 bits hold
        {"9223372036854775807ms", Millis::max()},
        {"9223372036854775808ms", std::nullopt },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(parse_duration(c.text), c.expected);
    }
}

TEST(Size, IsANumberOfBytesOrWithAUnit)
{
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("65536"), 65536U);
    EXPECT_EQ(parse_size("16B"), 16U);
    EXPECT_EQ(parse_size("32KiB"), 32768U);
    EXPECT_EQ(parse_size("1MiB"), MiB);
    EXPECT_EQ(parse_size("2GiB"), 2 * GiB);
    for (const auto* text :
         {"", "1MB", "1M", "1 MiB", "1mib", "-1", "1.5MiB", "MiB", "01KiB", "17179869184GiB"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(Boolean, IsTrueOrFalse)
{
    EXPECT_EQ(parse_boolean("true"), true);
    EXPECT_EQ(parse_boolean("false"), false);
    for (const auto* text : {"yes", "no", "on", "off", "True", "TRUE", "1", "0", ""}) {
        EXPECT_FALSE(parse_boolean(text)) << text;
    }
}

TEST(Formatting, TakesTheLargestUnitThatKeepsItWhole)
{
    EXPECT_EQ(format_duration(0ms), "0");
    EXPECT_EQ(format_duration(1500ms), "1500ms");
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(15min), "15m");
    EXPECT_EQ(format_duration(48h), "2d");
    EXPECT_EQ(format_size(0), "0");
    EXPECT_EQ(format_size(1000), "1000B");
    EXPECT_EQ(format_size(16 * KiB), "16KiB");
    EXPECT_EQ(format_size(1024 * KiB), "1MiB");
}

} // namespace
} // namespace gatehouse::config
