#include "gateway/headers/https_location.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

TEST(HttpsLocation, LeadsToTheSamePlaceUnderANameOfOurs)
{
    struct Case {
        const char* name;
        const char* host;
        const char* target;
        const char* expected; // empty: nowhere
    };

    const HttpsPlace place{
        443, {"gate.test", "*.example.com", "127.0.0.1", "::1"}
    };
    const Case cases[] = {
        {"plain",               "gate.test",           "/a?b=c", "https://gate.test/a?b=c"},
        {"its port goes",       "gate.test:8080",      "/",      "https://gate.test/"     },
        {"small letters",       "Gate.TEST",           "/A",     "https://gate.test/A"    },
        {"a wildcard",          "a.example.com",       "/",      "https://a.example.com/" },
        {"two labels",          "a.b.example.com",     "/",      ""                       },
        {"none of ours",        "evil.test",           "/",      ""                       },
        {"ours in front",       "gate.test.evil.test", "/",      ""                       },
        {"ours behind",         "evilgate.test",       "/",      ""                       },
        {"an address",          "127.0.0.1:80",        "/",      "https://127.0.0.1/"     },
        {"an IPv6 address",     "[::1]:80",            "/",      "https://[::1]/"         },
        {"a user's part",       "gate.test@evil.test", "/",      ""                       },
        {"a port that is none", "gate.test:80@evil",   "/",      ""                       },
        {"a backslash",         "gate.test\\evil",     "/",      ""                       },
        {"no host",             "",                    "/",      ""                       },
        {"two slashes",         "gate.test",           "//evil", "https://gate.test//evil"},
        {"asterisk",            "gate.test",           "*",      "https://gate.test/"     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(https_location(c.host, c.target, place, 443).value_or(""), c.expected);
    }
    EXPECT_EQ(https_location("gate.test:8080", "/", {443, {"gate.test"}}, 8443),
              "https://gate.test:8443/");
}

TEST(Hsts, SaysWhatItIsTold)
{
    EXPECT_EQ(hsts_value(31536000, false, false), "max-age=31536000");
    EXPECT_EQ(hsts_value(0, false, false), "max-age=0");
    EXPECT_EQ(hsts_value(1, true, true), "max-age=1; includeSubDomains; preload");
}

} // namespace
} // namespace gatehouse::gateway
