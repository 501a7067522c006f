#include "gateway/compress/accept_encoding.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

std::string chosen(const std::vector<std::string_view>& values,
                   const std::vector<std::string>& offered = {"zstd", "br", "gzip"})
{
    std::vector<Field> request{
        {"Host", "a"}
    };
    for (const auto value : values) request.push_back({"accept-Encoding", value});
    const auto coding = chosen_coding(request, offered);
    return coding ? std::string(to_string(*coding)) : "as it is";
}

TEST(AcceptEncoding, IsNegotiated)
{
    struct Row {
        std::string_view value;
        std::string_view chosen;
    };

    // RFC 9110, 12.5.3 and 12.4.2
    constexpr Row rows[] = {
        {"",                                   "as it is"},
        {"gzip",                               "gzip"    },
        {"gzip, deflate, br, zstd",            "zstd"    },
        {"gzip, deflate, br",                  "br"      },
        {"GZIP",                               "gzip"    },
        {"x-gzip",                             "gzip"    },
        {"deflate",                            "as it is"},
        {"compress, identity",                 "as it is"},
        {"identity",                           "as it is"},
        {"identity, gzip",                     "gzip"    }, // as welcome: ours decides
        {"identity;q=1, gzip;q=0.5",           "as it is"},
        {"identity;q=0.5, gzip;q=0.6",         "gzip"    },
        {"identity;q=0",                       "as it is"}, // there is nothing else
        {"gzip;q=0.5, br;q=0.4, zstd;q=0.499", "gzip"    },
        {"gzip;q=1.0, br;q=1, zstd;q=1.000",   "zstd"    },
        {"gzip;q=0",                           "as it is"},
        {"gzip;q=0.000, *",                    "zstd"    },
        {"zstd;q=0, *",                        "br"      },
        {"*",                                  "zstd"    },
        {"*;q=0",                              "as it is"},
        {"gzip, *;q=0",                        "gzip"    },
        {"*;q=0.1, gzip;q=0.2",                "gzip"    },
        {"gzip;q=0.001",                       "gzip"    },
        {"gzip ; q=0.5",                       "gzip"    },
        {"gzip;Q=0.5",                         "gzip"    },
        {", ,gzip,,",                          "gzip"    },
        {"gzip;q=0, gzip",                     "as it is"}, // said twice: the careful way
        {"gzip, gzip;q=0",                     "as it is"},
        {"future;q=1, br;q=0.1",               "br"      },
    };
    for (const auto& row : rows) EXPECT_EQ(chosen({row.value}), row.chosen) << row.value;
    EXPECT_EQ(chosen({}), "as it is");
}

TEST(AcceptEncoding, ThatCannotBeReadSaysNothing)
{
    for (const std::string_view value :
         {"gzip;q=2", "gzip;q=1.001", "gzip;q=0.0001", "gzip;q=", "gzip;q", "gzip;q=-1",
          "gzip;q=.5", "gzip;q=0,5", "gzip;q=1e0", "gzip;x=1", "gzip;q=1;q=1", "gz ip", "gzip;",
          ";q=1", "\"gzip\"", "gzip;q=\"1\"", "gzip/1", "gzip;q=0x1", "gzip; q =1"}) {
        EXPECT_EQ(chosen({value}), "as it is") << value;
        EXPECT_EQ(chosen({"gzip", value}), "as it is") << value;
    }
}

TEST(AcceptEncoding, OfSeveralLinesIsOneList)
{
    EXPECT_EQ(chosen({"gzip", "br"}), "br");
    EXPECT_EQ(chosen({"gzip;q=0.9", "br;q=0.2"}), "gzip");
}

TEST(AcceptEncoding, ChoosesOfWhatTheRouteOffers)
{
    EXPECT_EQ(chosen({"gzip, br, zstd"}, {"gzip"}), "gzip");
    EXPECT_EQ(chosen({"gzip, br, zstd"}, {"gzip", "zstd"}), "gzip");
    EXPECT_EQ(chosen({"*"}, {"br"}), "br");
    EXPECT_EQ(chosen({"zstd"}, {"br", "gzip"}), "as it is");
    EXPECT_EQ(chosen({"gzip"}, {}), "as it is");
}

} // namespace
} // namespace gatehouse::gateway
