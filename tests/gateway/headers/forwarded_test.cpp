#include "gateway/headers/forwarded.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

/// The hops from the nearest on, "address proto host | ...", or "no" for what is no such line.
std::string read(std::string_view text)
{
    const auto line = ForwardedLine::read(text);
    if (!line) return "no";
    std::string all;
    for (std::size_t i = 0; i < line->size(); ++i) {
        const auto& hop = line->from_end(i);
        if (i > 0) all += " | ";
        all.append(hop.address).append(" ").append(hop.proto).append(" ").append(hop.host);
    }
    return all;
}

TEST(ForwardedLine, IsReadFromItsEnd)
{
    struct Case {
        const char* name;
        std::string_view line;
        std::string_view expected;
    };

    const Case cases[] = {
        {"nothing",                   "",                                                         ""                              },
        {"an address",                "for=192.0.2.60",                                           "192.0.2.60  "                  },
        {"everything",                "for=192.0.2.60;proto=http;by=203.0.113.43;host=a.example",
         "192.0.2.60 http a.example"                                                                                              },
        {"in any case",               "For=192.0.2.60;PROTO=HTTPS",                               "192.0.2.60 HTTPS "             },
        {"in any order",              "host=a;for=192.0.2.60",                                    "192.0.2.60  a"                 },
        {"two hops",                  "for=192.0.2.43, for=198.51.100.17",                        "198.51.100.17   | 192.0.2.43  "},
        {"without blanks",            "for=192.0.2.43,for=198.51.100.17;proto=https",
         "198.51.100.17 https  | 192.0.2.43  "                                                                                    },
        {"IPv6",                      "for=\"[2001:db8:cafe::17]\"",                              "2001:db8:cafe::17  "           },
        {"IPv6 with a port",          "for=\"[2001:db8:cafe::17]:4711\"",                         "2001:db8:cafe::17  "           },
        {"IPv4 with a port",          "for=\"192.0.2.60:80\"",                                    "192.0.2.60  "                  },
        {"a hidden port",             "for=\"192.0.2.60:_x1\"",                                   "192.0.2.60  "                  },
        {"an address in quotes",      "for=\"192.0.2.60\"",                                       "192.0.2.60  "                  },
        {"unknown",                   "for=unknown",                                              "  "                            },
        {"Unknown with a port",       "for=\"Unknown:80\"",                                       "  "                            },
        {"somebody hidden",           "for=_hidden;proto=https",                                  " https "                       },
        {"hidden by many letters",    "for=\"_SEVKISEK.a-b_c\"",                                  "  "                            },
        {"no for",                    "proto=https",                                              " https "                       },
        {"a host with a port",        "host=\"a.example:8443\";for=192.0.2.1",
         "192.0.2.1  a.example:8443"                                                                                              },
        {"somebody's own",            "for=192.0.2.1;secret=egah2CGj55fSJFs",                     "192.0.2.1  "                   },
        {"blanks around ;",           "for=192.0.2.1 ; proto=https",                              "192.0.2.1 https "              },
        {"empty pairs",               ";for=192.0.2.1;;proto=https;",                             "192.0.2.1 https "              },
        {"empty hops",                ", ,for=192.0.2.1, ,",                                      "192.0.2.1  "                   },
        {"a comma in quotes",         "for=192.0.2.1;x=\"a, for=10.0.0.1\"",                      "192.0.2.1  "                   },
        {"a quote in quotes",         R"(x="a\", for=10.0.0.1";for=192.0.2.1)",                   "192.0.2.1  "                   },
        {"quotes that do not end",    "for=\"192.0.2.1, for=10.0.0.1",                            "no"                            },
        {"quotes of the client's",    "x=\", for=192.0.2.1",                                      "no"                            },
        {"something behind quotes",   "for=\"192.0.2.1\"x",                                       "no"                            },
        {"a backslash at the end",    "for=\"192.0.2.1\\",                                        "no"                            },
        {"an address with escapes",   R"(for="192.0.2.\1")",                                      "no"                            },
        {"IPv6 without quotes",       "for=[2001:db8::1]",                                        "no"                            },
        {"IPv6 without brackets",     "for=\"2001:db8::1\"",                                      "no"                            },
        {"IPv4 in brackets",          "for=\"[192.0.2.1]\"",                                      "no"                            },
        {"a bracket that stays open", "for=\"[2001:db8::1\"",                                     "no"                            },
        {"a port without quotes",     "for=192.0.2.1:80",                                         "no"                            },
        {"a port of letters",         "for=\"192.0.2.1:http\"",                                   "no"                            },
        {"a long port",               "for=\"192.0.2.1:123456\"",                                 "no"                            },
        {"no port",                   "for=\"192.0.2.1:\"",                                       "no"                            },
        {"a name",                    "for=client.example",                                       "no"                            },
        {"hidden by nothing",         "for=_",                                                    "no"                            },
        {"hidden by a dollar",        "for=_$",                                                   "no"                            },
        {"no value",                  "for=",                                                     "no"                            },
        {"an empty value",            "for=\"\"",                                                 "no"                            },
        {"no sign",                   "for",                                                      "no"                            },
        {"blanks around the sign",    "for = 192.0.2.1",                                          "no"                            },
        {"an address alone",          "192.0.2.1",                                                "no"                            },
        {"two of a kind",             "for=192.0.2.1;for=10.0.0.1",                               "no"                            },
        {"two schemes",               "proto=http;proto=https",                                   "no"                            },
        {"two hosts",                 "host=a;Host=b",                                            "no"                            },
        {"a bad by",                  "for=192.0.2.1;by=me",                                      "no"                            },
        {"one bad hop",               "for=192.0.2.1, for=x, for=192.0.2.2",                      "no"                            },
        {"a byte beyond ASCII",       "for=192.0.2.1;x=\xc3\xa4",                                 "no"                            },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(read(c.line), c.expected);
    }
}

TEST(ForwardedLine, KeepsTheNearestOfTooMany)
{
    std::string line = "for=10.0.1.1";
    for (int i = 2; i <= 40; ++i) line += ", for=10.0.1." + std::to_string(i);
    const auto read = ForwardedLine::read(line);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), most_hops);
    EXPECT_EQ(read->from_end(0).address, "10.0.1.40");
    EXPECT_EQ(read->from_end(most_hops - 1).address, "10.0.1.9");
}

} // namespace
} // namespace gatehouse::gateway
