#include "gateway/headers/trace.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {
namespace {

constexpr std::string_view trace_id = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view span_id = "b7ad6b7169203331";

TEST(TraceParent, IsReadAsTheStandardHasIt) // W3C Trace Context, 3.2
{
    struct Case {
        const char* name;
        std::string value;
        bool is_read;
        unsigned flags;
        bool as_it_came;
    };

    const auto both = std::string{trace_id} + "-" + std::string{span_id};
    const Case cases[] = {
        {"sampled", "00-" + both + "-01", true, 1, true},
        {"not sampled", "00-" + both + "-00", true, 0, true},
        {"with a flag of level 2", "00-" + both + "-03", true, 3, true},
        {"with flags nobody knows", "00-" + both + "-ff", true, 0xff, true},
        {"a later version", "01-" + both + "-01", true, 1, false},
        {"one with more fields", "cc-" + both + "-01-what-the-future-brings", true, 1, false},
        {"one with nothing in them", "cc-" + both + "-01-", true, 1, false},
        {"one that goes on at once", "cc-" + both + "-01.what", false, 0, true},
        {"the version that is none", "ff-" + both + "-01", false, 0, true},
        {"version 00 with more", "00-" + both + "-01-more", false, 0, true},
        {"version 00 and a dash", "00-" + both + "-01-", false, 0, true},
        {"a version of one digit", "0-" + both + "-01-", false, 0, true},
        {"a version in capitals", "AA-" + both + "-01", false, 0, true},
        {"no version", ".0-" + both + "-01", false, 0, true},
        {"nothing", "", false, 0, true},
        {"cut off", "00-" + both + "-0", false, 0, true},
        {"flags in capitals", "00-" + both + "-0A", false, 0, true},
        {"flags that are none", "00-" + both + "-.1", false, 0, true},
        {"a trace id of zeros", "00-" + std::string(32, '0') + "-" + std::string{span_id} + "-01",
         false, 0, true},
        {"a span id of zeros", "00-" + std::string{trace_id} + "-" + std::string(16, '0') + "-01",
         false, 0, true},
        {"a trace id in capitals", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false,
         0, true},
        {"a span id that is none", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333z-01", false,
         0, true},
        {"another mark than a dash", "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01",
         false, 0, true},
        {"another mark at the end", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331.01",
         false, 0, true},
        {"another mark in front", "01.0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false,
         0, true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto read = read_traceparent(c.value);
        ASSERT_EQ(read.has_value(), c.is_read);
        if (!read) continue;
        EXPECT_EQ(read->trace_id, trace_id);
        EXPECT_EQ(read->span_id, span_id);
        EXPECT_EQ(read->flags, c.flags);
        EXPECT_EQ(read->is_sampled(), c.flags % 2 == 1);
        EXPECT_EQ(read->as_it_came, c.as_it_came);
    }
}

TEST(TraceParent, OfALaterVersionIsWrittenAsVersion00WouldSayIt)
{
    const std::string value = "42-" + std::string{trace_id} + "-" + std::string{span_id} + "-ff-x";
    const auto read = read_traceparent(value);
    ASSERT_TRUE(read);
    EXPECT_EQ(written([&](HeadWriter& out) { write_traceparent(out, *read, value); }),
              "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03\r\n");
}

TEST(TraceParent, GoesThroughNumbersUnchanged)
{
    const auto value = "00-" + std::string{trace_id} + "-" + std::string{span_id} + "-01";
    const auto ids = ids_of(*read_traceparent(value));
    EXPECT_EQ(ids.trace_high, 0x0af7651916cd43ddU);
    EXPECT_EQ(ids.trace_low, 0x8448eb211c80319cU);
    EXPECT_EQ(ids.span, 0xb7ad6b7169203331U);
    EXPECT_EQ(written([&](HeadWriter& out) { write_traceparent(out, ids); }),
              "traceparent: " + value + "\r\n");
}

} // namespace
} // namespace gatehouse::gateway::test
