#include "config/forms/forms.hpp"
#include "config/forms/upstream_forms.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(StatusRange, IsOneStatusAClassOrARange)
{
    struct Case {
        const char* text;
        std::optional<StatusRange> range;
    };

    const Case cases[] = {
        {"200",     StatusRange{200, 200}},
        {"2xx",     StatusRange{200, 299}},
        {"200-399", StatusRange{200, 399}},
        {"5xx",     StatusRange{500, 599}},
        {"1xx",     {}                   }, // none is the last word
        {"6xx",     {}                   },
        {"600",     {}                   },
        {"399-200", {}                   },
        {"200-",    {}                   },
        {"-200",    {}                   },
        {"2x0",     {}                   },
        {"",        {}                   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(parse_status_range(c.text), c.range);
    }
}

TEST(HealthPath, CannotEndTheLineItStandsIn)
{
    for (const auto* good : {"/", "/healthz?deep=1", "/a%20b"}) {
        EXPECT_FALSE(forms::request_target.check(good)) << good;
    }
    for (const auto* bad : {"", "healthz", "/a b", "/a\r\nX: y", "/a#b", "/\xC3\xA4", "/\x7f"}) {
        EXPECT_TRUE(forms::request_target.check(bad)) << bad;
    }
}

TEST(HealthHost, IsANameAndPerhapsAPort)
{
    for (const auto* good : {"orders", "orders.internal:8080", "[::1]:80"}) {
        EXPECT_FALSE(forms::request_host.check(good)) << good;
    }
    for (const auto* bad : {"", "a/b", "a b", "a:b", "u@a", "a\r\nb"}) {
        EXPECT_TRUE(forms::request_host.check(bad)) << bad;
    }
}

} // namespace
} // namespace gatehouse::config
