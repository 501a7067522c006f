#include "gateway/headers/weighted.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace gatehouse::gateway {
namespace {

TEST(Weighted, ReadsWeightsInThousandths)
{
    struct Case {
        const char* element;
        unsigned weight;
    };

    const Case cases[] = {
        {"gzip",                    1000},
        {"gzip;q=1",                1000},
        {"gzip;q=1.000",            1000},
        {"gzip;q=0.5",              500 },
        {"gzip ; Q=0.125",          125 },
        {"text/html;level=1;q=.5",  0   },
        {"text/html;level=1;q=0.7", 700 },
        {"gzip;q=0",                0   },
        {"gzip;q=1.001",            0   },
        {"gzip;q=0.1234",           0   },
        {"gzip;q=2",                0   },
        {"gzip;q=",                 0   },
        {"gzip;q=0x",               0   },
        {"gzip;quality=0",          1000},
    };
    for (const auto& c : cases) EXPECT_EQ(weight_of(c.element), c.weight) << c.element;
}

TEST(Weighted, ShowsEveryElementOfEveryField)
{
    const std::vector<Field> fields{
        {"Accept-Language", "de-CH, , en;q=0.8"},
        {"Accept",          "text/html"        },
        {"accept-language", "fr;q=0.1"         }
    };
    std::vector<std::pair<std::string, unsigned>> seen;
    for_each_weighted(fields, "Accept-Language", [&](std::string_view what, unsigned weight) {
        seen.emplace_back(what, weight);
    });
    EXPECT_THAT(seen, testing::ElementsAre(std::pair("de-CH", 1000U), std::pair("en", 800U),
                                           std::pair("fr", 100U)));
}

} // namespace
} // namespace gatehouse::gateway
