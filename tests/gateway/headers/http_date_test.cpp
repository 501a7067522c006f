#include "gateway/headers/http_date.hpp"
#include "tests/gateway/support/allocation_count.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using std::chrono::seconds;

TEST(HttpDate, IsWrittenAsTheStandardSays)
{
    struct Case {
        long long at;
        std::string_view expected;
    };

    const Case cases[] = {
        {0,          "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777,  "Sun, 06 Nov 1994 08:49:37 GMT"}, // the example of RFC 9110
        {951782399,  "Mon, 28 Feb 2000 23:59:59 GMT"},
        {951782400,  "Tue, 29 Feb 2000 00:00:00 GMT"},
        {4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"},
    };
    HttpDate date;
    for (const auto& c : cases) EXPECT_EQ(date.text(auth::Seconds{seconds{c.at}}), c.expected);
    EXPECT_EQ(date.text(auth::Seconds{seconds{784111777}}), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.text(auth::Seconds{seconds{784111777}}), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(test::allocations_of([&] { (void)date.text(auth::Seconds{seconds{1}}); }), 0U);
}

} // namespace
} // namespace gatehouse::gateway
