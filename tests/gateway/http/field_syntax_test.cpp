#include "gateway/http/field_syntax.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

// Eight bytes are compared together: neither the place of a byte nor its neighbours may matter.
TEST(EqualIgnoringCase, JudgesEveryByteWhereverItStands)
{
    for (int x = 0; x < 256; ++x) {
        for (int y = 0; y < 256; ++y) {
            const auto a = static_cast<char>(x);
            const auto b = static_cast<char>(y);
            const bool same = lower(a) == lower(b);
            ASSERT_EQ(equal_ignoring_case({&a, 1}, {&b, 1}), same) << x << ' ' << y;
            ASSERT_EQ(equal_ignoring_case(std::string("q") + a + "\x7f[z",
                                          std::string("Q") + b + "\x7f[Z"),
                      same)
                << x << ' ' << y;
            ASSERT_EQ(equal_ignoring_case(std::string("\xff") + a + "\x7fZ@[z`{",
                                          std::string("\xff") + b + "\x7fz@[Z`{"),
                      same)
                << x << ' ' << y;
        }
    }
    for (std::size_t size = 0; size < 30; ++size) {
        const std::string upper(size, 'Q');
        EXPECT_TRUE(equal_ignoring_case(upper, std::string(size, 'q')));
        EXPECT_FALSE(equal_ignoring_case(upper, std::string(size + 1, 'q')));
        for (std::size_t at = 0; at < size; ++at) {
            auto other = upper;
            other[at] = 'r';
            EXPECT_FALSE(equal_ignoring_case(upper, other)) << size << ' ' << at;
        }
    }
}

TEST(FoldsTo, TurnsWhatIsNoLetterOrDigitIntoADash) // R20
{
    struct Case {
        const char* name;
        std::string sent;
        std::string folded;
        bool expected;
    };

    const Case cases[] = {
        {"as written",            "x-user-id",      "x-user-id",      true },
        {"other case",            "X-User-ID",      "x-user-id",      true },
        {"underscores",           "x_user_id",      "x-user-id",      true },
        {"anything else",
         "X.User\xff"
         "Id",                                      "x-user-id",      true },
        {"one of many",           "Content~Length", "content-length", true },
        {"short",                 "t.",             "t-",             true },
        {"a letter for the dash", "xxuser-id",      "x-user-id",      false},
        {"a digit for the dash",  "x-user1id",      "x-user-id",      false},
        {"a dash for a letter",   "x-use--id",      "x-user-id",      false},
        {"shorter",               "x-user-i",       "x-user-id",      false},
        {"longer",                "x-user-id-",     "x-user-id",      false},
        {"a dash in front",       "_user",          "-user",          true },
        {"a letter in front",     "xuser",          "-user",          false},
        {"another first letter",  "y-user-id",      "x-user-id",      false},
        {"a sign for a letter",   "_user",          "xuser",          false},
        {"nothing",               "",               "",               true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(folds_to(c.sent, c.folded), c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway
