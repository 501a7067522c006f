#include "auth/secondfactor/recovery_codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace gatehouse::auth {
namespace {

using Kind = TypedCode::Kind;

TEST(RecoveryCodes, AreTenOf80BitsThatNobodyMisreads)
{
    const auto codes = new_recovery_codes();
    ASSERT_EQ(codes.size(), 10U);
    std::set<std::string> seen;
    for (const auto& each : codes) {
        const std::string code(each.reveal());
        EXPECT_EQ(code.size(), 19U);
        EXPECT_EQ(code.find_first_of("ILOU"), code.npos) << code;
        EXPECT_TRUE(code[4] == '-' && code[9] == '-' && code[14] == '-') << code;
        seen.insert(code);
        const auto typed = read_typed_code(code);
        ASSERT_TRUE(typed) << code;
        EXPECT_EQ(typed->kind, Kind::recovery);
    }
    EXPECT_EQ(seen.size(), codes.size());
}

TEST(RecoveryCodes, UseTheWholeAlphabet)
{
    std::set<char> letters;
    for (int i = 0; i < 20; ++i) {
        for (const auto& each : new_recovery_codes()) {
            letters.insert(each.reveal().begin(), each.reveal().end());
        }
    }
    EXPECT_EQ(letters.size(), 33U); // and the dash
}

TEST(TypedCode, IsReadAsItWasMeant)
{
    const struct {
        const char* typed;
        Kind kind;
        const char* text;
    } cases[] = {
        {"123456",                Kind::totp,     "123456"          },
        {" 123 456 ",             Kind::totp,     "123456"          },
        {"123-456",               Kind::totp,     "123456"          },
        {"7K3M-Q0ZD-9HXA-C4VT",   Kind::recovery, "7K3MQ0ZD9HXAC4VT"},
        {"7k3mq0zd9hxac4vt",      Kind::recovery, "7K3MQ0ZD9HXAC4VT"},
        {" 7K3M Q0ZD 9HXA C4VT ", Kind::recovery, "7K3MQ0ZD9HXAC4VT"},
        {"oOiI-lL01-2222-2222",   Kind::recovery, "0011110122222222"},
        {"1234-5678-9012-3456",   Kind::recovery, "1234567890123456"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.typed);
        const auto read = read_typed_code(c.typed);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->kind, c.kind);
        EXPECT_EQ(read->text.reveal(), c.text);
    }
}

TEST(TypedCode, IsNothingElse)
{
    for (const std::string typed :
         {"", "-", "12345", "1234567", "12345O", "7K3M-Q0ZD-9HXA-C4V", "7K3M-Q0ZD-9HXA-C4VTT",
          "UUUU-UUUU-UUUU-UUUU", "7K3M_Q0ZD_9HXA_C4VT", "1234\t56",
          "\xef\xbc\x91"
          "23456"}) {
        EXPECT_FALSE(read_typed_code(typed)) << typed;
    }
    EXPECT_FALSE(read_typed_code(std::string("123456\0", 7)));
    EXPECT_FALSE(read_typed_code("123456" + std::string(60, ' '))) << "too long to be looked at";
}

TEST(RecoveryCodeDigest, BelongsToItsUserAndItsCode)
{
    const Secret code("7K3MQ0ZD9HXAC4VT");
    const auto digest = recovery_code_digest("u1", code);
    EXPECT_EQ(digest.size(), 32U);
    EXPECT_EQ(digest, recovery_code_digest("u1", code));
    EXPECT_NE(digest, recovery_code_digest("u2", code));
    EXPECT_NE(digest, recovery_code_digest("u1", Secret("7K3MQ0ZD9HXAC4VS")));
    EXPECT_EQ(digest.find("7K3M"), digest.npos);
}

} // namespace
} // namespace gatehouse::auth
