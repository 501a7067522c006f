#include "auth/secondfactor/base32.hpp"
#include "auth/secondfactor/totp.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

const Secret rfc_secret("12345678901234567890");

TEST(Hotp, SaysWhatTheTableOfRfc4226Says)
{
    const char* const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                 "254676", "287922", "162583", "399871", "520489"};
    std::uint64_t counter = 0;
    for (const auto* code : codes) EXPECT_EQ(hotp(rfc_secret, counter++), code) << counter;
}

TEST(Hotp, SaysWhatTheTableOfRfc6238Says)
{
    const struct {
        std::int64_t time;
        std::uint64_t step;
        const char* code;
    } cases[] = {
        {59,             0x1,        "94287082"},
        {1'111'111'109,  0x23523EC,  "07081804"},
        {1'111'111'111,  0x23523ED,  "14050471"},
        {1'234'567'890,  0x273EF07,  "89005924"},
        {2'000'000'000,  0x3F940AA,  "69279037"},
        {20'000'000'000, 0x27BC86AA, "65353130"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.time);
        const Seconds now{std::chrono::seconds(c.time)};
        EXPECT_EQ(totp_step(now), static_cast<TotpStep>(c.step));
        EXPECT_EQ(hotp(rfc_secret, c.step, 8), c.code);
        const auto six = std::string(c.code).substr(2);
        EXPECT_EQ(judge_totp(rfc_secret, six, now, -1), static_cast<TotpStep>(c.step));
    }
}

TEST(JudgeTotp, TakesTheStepAndItsNeighboursEachOnce)
{
    const Seconds now{2'000'000'010s};
    const auto current = totp_step(now);

    const struct {
        const char* name;
        TotpStep step;
        TotpStep last_used;
        std::optional<TotpStep> expected;
    } cases[] = {
        {"the code of now",               current,     -1,          current     },
        {"one step late",                 current - 1, -1,          current - 1 },
        {"one step early",                current + 1, -1,          current + 1 },
        {"two steps late",                current - 2, -1,          std::nullopt},
        {"two steps early",               current + 2, -1,          std::nullopt},
        {"used",                          current,     current,     std::nullopt},
        {"older than one that was used",  current - 1, current,     std::nullopt},
        {"newer than one that was used",  current,     current - 1, current     },
        {"before one used ahead of time", current,     current + 1, std::nullopt},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto code = hotp(rfc_secret, static_cast<std::uint64_t>(c.step));
        EXPECT_EQ(judge_totp(rfc_secret, code, now, c.last_used), c.expected);
    }
}

TEST(JudgeTotp, TakesNothingElseForACode)
{
    const Seconds now{59s};
    for (const auto* const code :
         {"", "287083", "28708", "2870822", "94287082", "28708\n", "O87O82"}) {
        EXPECT_EQ(judge_totp(rfc_secret, code, now, -1), std::nullopt) << code;
    }
    EXPECT_EQ(judge_totp(Secret("another secret 56789"), "287082", now, -1), std::nullopt);
}

TEST(JudgeTotp, KnowsNoStepBeforeTheFirst)
{
    EXPECT_EQ(judge_totp(rfc_secret, hotp(rfc_secret, 0), Seconds{0s}, -1), TotpStep{0});
    EXPECT_EQ(judge_totp(rfc_secret, hotp(rfc_secret, ~0ULL), Seconds{0s}, -2), std::nullopt);
}

TEST(TotpSecret, IsNewEachTime)
{
    const auto one = new_totp_secret();
    EXPECT_EQ(one.size(), totp_secret_bytes);
    EXPECT_NE(one.reveal(), new_totp_secret().reveal());
}

TEST(Base32, SaysWhatTheTableOfRfc4648Says)
{
    const struct {
        const char* bytes;
        const char* text;
    } cases[] = {
        {"",       ""          },
        {"f",      "MY"        },
        {"fo",     "MZXQ"      },
        {"foo",    "MZXW6"     },
        {"foob",   "MZXW6YQ"   },
        {"fooba",  "MZXW6YTB"  },
        {"foobar", "MZXW6YTBOI"},
    };

    for (const auto& c : cases) EXPECT_EQ(encode_base32(c.bytes), c.text);
    EXPECT_EQ(encode_base32("\xff\xff\xff\xff\xff"), "77777777");
}

TEST(TotpUri, HasEverythingInItsPlace)
{
    EXPECT_EQ(totp_uri(rfc_secret, "Example", "alice@example.com").reveal(),
              "otpauth://totp/Example:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Example&algorithm=SHA1&digits=6&period=30");
}

TEST(TotpUri, LetsNoNameBecomeAParameter)
{
    const auto uri =
        std::string(totp_uri(rfc_secret, "A&B: 50%+", "x?secret=AAAA#\n\"<\xc3\xa4").reveal());
    EXPECT_TRUE(uri.starts_with("otpauth://totp/A%26B%3A%2050%25%2B:"
                                "x%3Fsecret%3DAAAA%23%0A%22%3C%C3%A4?secret=GEZD"))
        << uri;
    EXPECT_NE(uri.find("&issuer=A%26B%3A%2050%25%2B&"), uri.npos) << uri;
}

} // namespace
} // namespace gatehouse::auth
