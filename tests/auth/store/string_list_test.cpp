#include "auth/store/string_list.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using Strings = std::vector<std::string>;

TEST(StringList, IsReadableAndComesBackUnharmed)
{
    EXPECT_EQ(join_list(Strings{"admin", "a,b"}), "5:admin,3:a,b,");
    EXPECT_EQ(join_list({}), "");
    for (const auto& strings : {
             Strings{},
             Strings{""},
             Strings{"", ""},
             Strings{"3:abc,"},
             Strings{std::string("\0\xff:,", 4), "x"}
    }) {
        EXPECT_EQ(split_list(join_list(strings)), strings);
    }
}

TEST(StringList, StopsAtWhatItDidNotWrite)
{
    const struct {
        const char* text;
        Strings expected;
    } rows[] = {
        {"1:a,x",                       {"a"}},
        {"1:a,5:abc,",                  {"a"}},
        {"1:a,1:b",                     {"a"}},
        {"1:a,-1:b,",                   {"a"}},
        {"1:a,99999999999999999999:b,", {"a"}},
        {"1:a,18446744073709551615:b,", {"a"}},
        {"1:a,18446744073709551614:b,", {"a"}},
        {"1:a;",                        {}   },
        {"1;a,",                        {}   },
        {":a,",                         {}   },
        {"1",                           {}   },
        {"1:",                          {}   },
        {"0:",                          {}   },
    };

    for (const auto& row : rows) EXPECT_EQ(split_list(row.text), row.expected) << row.text;
}

} // namespace
} // namespace gatehouse::auth
