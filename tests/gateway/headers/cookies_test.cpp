#include "gateway/headers/cookies.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(Cookies, LoseOursAndKeepTheOthersByteForByte)
{
    struct Case {
        std::string_view sent;
        std::string_view expected; // the whole field, or nothing
    };

    const Case cases[] = {
        {"refresh_token=x",                     ""                                              },
        {"refresh_token=x; refresh_token=y",    ""                                              },
        {" refresh_token = x ;",                ""                                              },
        {"refresh_token",                       ""                                              },
        {"",                                    ""                                              },
        {"a=1",                                 "Cookie: a=1\r\n"                               },
        {"a=1; b=2",                            "Cookie: a=1; b=2\r\n"                          },
        {"a=1;b=2;;  c = 3 ",                   "Cookie: a=1;b=2;;  c = 3 \r\n"                 },
        {"refresh_token=x; a=1",                "Cookie: a=1\r\n"                               },
        {"a=1; refresh_token=x",                "Cookie: a=1\r\n"                               },
        {"a=1; refresh_token=x; b=2",           "Cookie: a=1; b=2\r\n"                          },
        {"gatehouse_device=x",                  ""                                              },
        {"gatehouse_device=x; refresh_token=y", ""                                              },
        {"a=1; gatehouse_device=x; b=2",        "Cookie: a=1; b=2\r\n"                          },
        {"a=refresh_token=x; Refresh_token=y",  "Cookie: a=refresh_token=x; Refresh_token=y\r\n"},
        {"refresh_token2=x; xrefresh_token=y",  "Cookie: refresh_token2=x; xrefresh_token=y\r\n"},
    };
    const std::string ours[] = {"token", "refresh_token", "gatehouse_device"};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.sent);
        EXPECT_EQ(test::written(
                      [&](HeadWriter& out) { write_cookies_without(out, "Cookie", c.sent, ours); }),
                  c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
