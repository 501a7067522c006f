#include "auth/store/postgres/address.hpp"
#include "auth/store/postgres/bytes.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::postgres {
namespace {

TEST(PostgresBytes, ComeBackAsTheyWent)
{
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    for (const auto& bytes : {std::string(), std::string("a\0b", 3), std::string("\\x41"), all}) {
        EXPECT_TRUE(from_bytea(to_bytea(bytes)) == bytes);
    }
    EXPECT_EQ(to_bytea("hi\xff"), "\\x6869ff");
}

TEST(PostgresBytes, TextThatIsNoneGivesNone)
{
    for (const auto* text : {"", "6869", "\\x6", "\\xzz", "\\x6z", "\\101", "\\x68 69"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(from_bytea(text), "");
    }
}

TEST(PostgresBytes, SeveralAreOneArray)
{
    EXPECT_EQ(to_bytea_array({}), "{}");
    const std::vector<std::string> two = {"a", ",\"}"};
    EXPECT_EQ(to_bytea_array(two), R"({"\\x61","\\x2c227d"})");
}

TEST(PostgresAddress, AddsWhatTheOperatorLeftOpen)
{
    const std::string defaults = "connect_timeout=2&target_session_attrs=read-write&"
                                 "application_name=gatehouse&keepalives_idle=20&"
                                 "keepalives_interval=10&keepalives_count=3";

    const struct {
        const char* name;
        std::string url;
        std::string expected;
    } rows[] = {
        {"nothing said",                "postgres://h/d",                                            "postgres://h/d?" + defaults    },
        {"an empty query",              "postgres://h/d?",                                           "postgres://h/d?" + defaults    },
        {"something else",              "postgres://h/d?a=b",                                        "postgres://h/d?a=b&" + defaults},
        {"an end that is open",         "postgres://h/d?a=b&",                                       "postgres://h/d?a=b&" + defaults},
        {"a name that ends alike",      "postgres://h/d?xconnect_timeout=9",
         "postgres://h/d?xconnect_timeout=9&" + defaults                                                                             },
        {"a value that looks like one", "postgres://h/d?a=connect_timeout",
         "postgres://h/d?a=connect_timeout&" + defaults                                                                              },
        {"all but one",                 "postgres://h/d?" + defaults.substr(defaults.find('&') + 1),
         "postgres://h/d?" + defaults.substr(defaults.find('&') + 1) + "&connect_timeout=2"                                          },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(address_for(row.url, {}).reveal(), row.expected);
        EXPECT_EQ(address_for(row.url, Secret("a&%")).reveal(),
                  row.expected + "&password=%61%26%25");
    }
}

} // namespace
} // namespace gatehouse::auth::postgres
