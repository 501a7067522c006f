#include "config/forms/forms.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

TEST(RouteName, IsAWordThatMetricsDoNotUseOtherwise)
{
    struct Case {
        std::string text;
        bool fits;
    };

    const Case cases[] = {
        {"orders", true},
        {"orders.v2_read-only", true},
        {std::string(64, 'a'), true},
        {std::string(65, 'a'), false},
        {"", false},
        {"two words", false},
        {"quoted\"", false},
        {"line\nbreak", false},
        {"none", false},
        {"auth", false},
        {"admin", false},
        {"other", false},
        {"others", true},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(!forms::route_name.check(c.text).has_value(), c.fits) << c.text;
    }
}

} // namespace
} // namespace gatehouse::config
