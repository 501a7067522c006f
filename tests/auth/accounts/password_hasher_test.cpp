#include "auth/accounts/password_hasher.hpp"
#include "auth/accounts/stored_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

config::PasswordSettings quick_argon2()
{
    config::PasswordSettings settings;
    settings.argon2_memory_bytes = 64 * 1024;
    settings.argon2_passes = 1;
    return settings;
}

config::PasswordSettings quick_bcrypt()
{
    config::PasswordSettings settings;
    settings.hash = config::PasswordHash::bcrypt;
    settings.bcrypt_cost = 4;
    return settings;
}

bool matches(PasswordHasher& hasher, std::string_view stored, std::string_view password)
{
    const auto place = hasher.enter();
    const auto verified = hasher.verify(stored, password, *place);
    EXPECT_TRUE(verified.has_value()) << verified.error();
    return verified.has_value() && *verified;
}

std::string hashed(PasswordHasher& hasher, std::string_view password)
{
    const auto place = hasher.enter();
    const auto hash = hasher.hash(password, *place);
    EXPECT_TRUE(hash.has_value()) << hash.error();
    return hash.has_value() ? *hash : std::string();
}

TEST(PasswordHasher, KnowsItsOwnHashesAndSaltsThem) // R52
{
    for (const auto& settings : {quick_argon2(), quick_bcrypt()}) {
        PasswordHasher hasher(settings);
        const auto hash = hashed(hasher, "correct horse");
        EXPECT_NE(hash, hashed(hasher, "correct horse"));
        EXPECT_TRUE(matches(hasher, hash, "correct horse")) << hash;
        EXPECT_FALSE(matches(hasher, hash, "correct hors")) << hash;
        EXPECT_FALSE(matches(hasher, hash, "Correct horse")) << hash;
        EXPECT_FALSE(matches(hasher, hash, "")) << hash;
        EXPECT_FALSE(hasher.needs_rehash(hash)) << hash;
    }
}

TEST(PasswordHasher, WritesTheFormsOthersRead)
{
    config::PasswordSettings settings; // the defaults
    PasswordHasher argon2(settings);
    EXPECT_TRUE(hashed(argon2, "correct horse").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    PasswordHasher bcrypt(quick_bcrypt());
    EXPECT_TRUE(hashed(bcrypt, "correct horse").starts_with("$2b$04$"));
}

TEST(PasswordHasher, VerifiesHashesOfOtherPrograms)
{
    const struct {
        const char* name;
        const char* stored;
        const char* password;
    } cases[] = {
        {"argon2id, reference implementation",
         "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",                           "password"     },
        {"argon2i, reference implementation",
         "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",                            "password"     },
        {"argon2i with four lanes",
         "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",                                     "password"     },
        {"argon2d, reference implementation",
         "$argon2d$v=19$m=256,t=2,p=2$c29tZXNhbHQ$e2nJLXw4iarRKB28i678Esw3yA8cdeM+8sLUDCjrxXM",                            "password"     },
        {"argon2d with four lanes",
         "$argon2d$v=19$m=65536,t=1,p=4$c29tZXNhbHQ$AWojx1YQcMV+T6Yu1a1U7AvkDdPcdD9o",                                     "password"     },
        {"argon2d with a long hash",
         "$argon2d$v=19$m=256,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$4hcA3uW/2aTmFq+j3JtC4PsD6Mg/"
         "WLpkyZGzaGEPnNCBuIj+Y7F4AfStAwLEAN51T3dfxQDVWVOPNTgtx/U+Zw",                                                     "correct horse"},
        {"bcrypt 2a, crypt_blowfish",
         "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",                                                   "U*U"          },
        {"bcrypt 2b",                                      "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"         },
        {"bcrypt 2y",                                      "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
         "\xff\xff\xa3"                                                                                                                   },
        {"bcrypt with bits in the salt that nobody reads",
         "$2b$05$CCCCCCCCCCCCCCCCCCCCC/VGOzA784oUp/Z0DY336zx7pLYAy0lwK",                                                   "U*U*"         },
        {"scrypt, RFC 7914, 12",
         "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/"
         "xCSedmDDaxyevuUqD7m2DYMvfoswGQA",                                                                                "password"     },
        {"scrypt with a short hash",
         "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg",                        "correct horse"},
    };

    for (const auto& settings : {quick_argon2(), quick_bcrypt()}) {
        PasswordHasher hasher(settings);
        for (const auto& c : cases) {
            SCOPED_TRACE(c.name);
            EXPECT_TRUE(matches(hasher, c.stored, c.password));
            EXPECT_FALSE(matches(hasher, c.stored, std::string(c.password) + "x"));
            EXPECT_TRUE(hasher.needs_rehash(c.stored));
        }
    }
}

TEST(PasswordHasher, NeverCutsAPasswordForBcrypt) // R50
{
    PasswordHasher hasher(quick_bcrypt());
    const std::string longest(72, 'a');
    const auto hash = hashed(hasher, longest);
    EXPECT_TRUE(matches(hasher, hash, longest));
    EXPECT_FALSE(matches(hasher, hash, longest + "b")) << "bcrypt alone would say yes";
    const auto abc = hashed(hasher, "abc");
    EXPECT_FALSE(matches(hasher, abc, std::string("abc\0def", 7))) << "crypt_r alone would say yes";
    const auto place = hasher.enter();
    EXPECT_EQ(hasher.hash(longest + "b", *place).error(), HashError::unsupported);
    EXPECT_EQ(hasher.hash(std::string("abc\0def", 7), *place).error(), HashError::unsupported);
}

TEST(PasswordHasher, MatchesNothingWithAHashItCannotReadOrAfford)
{
    const char* cases[] = {
        "",
        "!",
        "*",
        "plain text",
        "$1$salt$5f4dcc3b5aa765d61d8327deb882cf99",
        "$6$salt$hash",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$argon2id$v=16$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=19$m=-1,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=19$m=0,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ",
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
        "$argon2id$v=19$m=31,t=1,p=4$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",  // 8 a lane
        "$argon2id$v=19$m=256,t=1,p=1$c2FsdA$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",      // a short salt
        "$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHR$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f", // spare bits
        "$argon2d$v=16$m=256,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$argon2d$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$scrypt$ln=0,r=8,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$scrypt$ln=32,r=8,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ$bQk8UB/Vm",
        "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f$",
        "$scrypt$ln=4,r=8,p=1$$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$scrypt$ln=4,r=8,p=1$c29tZXNhbHQ=$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
        "$argon2id$v=19$m=256,t=1,p=16777215$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f",
    };
    PasswordHasher hasher(quick_argon2());
    for (const auto* stored : cases) {
        SCOPED_TRACE(stored);
        const auto before = hasher.computations();
        EXPECT_FALSE(matches(hasher, stored, "password"));
        EXPECT_EQ(hasher.computations(), before + 1) << "costs what any other check costs";
        EXPECT_TRUE(hasher.needs_rehash(stored));
    }
}

TEST(PasswordHasher, MatchesNothingDearerThanTheSettingsCouldAskFor)
{
    auto settings = quick_argon2();
    settings.argon2_passes = 20;
    PasswordHasher dear(settings);
    settings.argon2_passes = 21;
    PasswordHasher too_dear(settings);
    PasswordHasher hasher(quick_argon2());
    EXPECT_TRUE(matches(hasher, hashed(dear, "correct horse"), "correct horse"));
    EXPECT_FALSE(matches(hasher, hashed(too_dear, "correct horse"), "correct horse"));
}

TEST(PasswordHasher, SpendsNoMoreMemoryOnOneHashThanThereIsForAll)
{
    auto roomy = quick_argon2();
    roomy.argon2_memory_bytes = 16 * 1024 * 1024;
    roomy.memory_bytes = 16 * 1024 * 1024;
    PasswordHasher large(roomy);
    const auto hash = hashed(large, "correct horse");
    EXPECT_EQ(large.why_unusable(hash), "");
    auto tight = quick_argon2();
    tight.memory_bytes = 8 * 1024 * 1024;
    PasswordHasher small(tight);
    EXPECT_FALSE(matches(small, hash, "correct horse"));
    EXPECT_NE(small.why_unusable(hash), "");
    tight.memory_bytes = 16 * 1024 * 1024;
    EXPECT_TRUE(matches(*std::make_unique<PasswordHasher>(tight), hash, "correct horse"));
}

TEST(PasswordHasher, SpendsAHashOnNobody) // R54
{
    for (const auto& settings : {quick_argon2(), quick_bcrypt()}) {
        PasswordHasher hasher(settings);
        const auto place = hasher.enter();
        EXPECT_TRUE(hasher.verify_nobody("correct horse", *place).has_value());
        EXPECT_EQ(hasher.computations(), 1U);
    }
}

TEST(PasswordHasher, WantsAnotherHashWhenTheSettingsChanged)
{
    PasswordHasher before(quick_argon2());
    const auto hash = hashed(before, "correct horse");
    auto more_memory = quick_argon2();
    more_memory.argon2_memory_bytes *= 2;
    auto more_passes = quick_argon2();
    more_passes.argon2_passes = 3;
    EXPECT_TRUE(PasswordHasher(more_memory).needs_rehash(hash));
    EXPECT_TRUE(PasswordHasher(more_passes).needs_rehash(hash));
    EXPECT_TRUE(PasswordHasher(quick_bcrypt()).needs_rehash(hash));
    auto dearer = quick_bcrypt();
    dearer.bcrypt_cost = 5;
    PasswordHasher bcrypt(quick_bcrypt());
    EXPECT_TRUE(PasswordHasher(dearer).needs_rehash(hashed(bcrypt, "correct horse")));
}

TEST(PasswordHasher, HashesByOtherSettingsFromOneMomentOnAndVerifiesWhatWasBefore)
{
    PasswordHasher hasher(quick_argon2());
    const auto before = hashed(hasher, "correct horse");
    hasher.use(quick_bcrypt());
    const auto after = hashed(hasher, "correct horse");
    EXPECT_EQ(after.substr(0, 4), "$2b$");
    EXPECT_TRUE(hasher.needs_rehash(before));
    EXPECT_FALSE(hasher.needs_rehash(after));
    EXPECT_TRUE(matches(hasher, before, "correct horse"));
    EXPECT_TRUE(matches(hasher, after, "correct horse"));
}

TEST(HashBudget, TakesOtherBoundsWhileSomebodyIsInside)
{
    HashBudget budget(100, 1, 1min);
    const auto inside = budget.enter();
    ASSERT_TRUE(inside);
    EXPECT_FALSE(budget.enter());
    budget.use(200, 2, 1min);
    const auto second = budget.enter();
    ASSERT_TRUE(second);
    const auto loan = budget.borrow(150, *inside);
    ASSERT_TRUE(loan);
    budget.use(200, 1, 0ms);
    EXPECT_FALSE(budget.enter()) << "two are inside, one more than there are places";
}

TEST(HashBudget, GivesNoMorePlacesThanItHas)
{
    HashBudget budget(1024, 2, 1s);
    auto first = budget.enter();
    auto second = budget.enter();
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(budget.enter());
    second.reset();
    EXPECT_TRUE(budget.enter()) << "a place that went away is free again";
    EXPECT_EQ(budget.use().taken_places, 1U);
    EXPECT_EQ(budget.use().places, 2U);
    EXPECT_EQ(budget.use().refused, 1U);
}

TEST(HashBudget, APlaceThatWasHandedOnIsGivenBackOnce)
{
    HashBudget budget(1024, 1, 1s);
    {
        auto place = budget.enter();
        const HashPlace moved = std::move(*place);
        EXPECT_FALSE(budget.enter());
    }
    EXPECT_TRUE(budget.enter());
}

TEST(HashBudget, LendsNoMoreMemoryThanItHas)
{
    HashBudget budget(1000, 8, 0ms); // who has to wait has waited too long
    HashBudget patient(1000, 8, 1h);
    const auto place = patient.enter();
    const auto late = budget.enter();
    auto first = patient.borrow(600, *place);
    ASSERT_TRUE(first);
    EXPECT_FALSE(patient.borrow(600, *late)) << "no room before its deadline";
    EXPECT_TRUE(patient.borrow(400, *place));
    first.reset();
    EXPECT_TRUE(patient.borrow(1'000'000, *place)) << "more than everything is everything";
}

TEST(HashBudget, DoesNotHashForSomebodyWhoStoppedWaiting)
{
    HashBudget budget(1000, 8, 0ms);
    const auto place = budget.enter();
    EXPECT_FALSE(budget.borrow(1, *place)) << "there is room, but the deadline has passed";
}

TEST(PasswordHasher, SaysOverloadedWhenTheDeadlineHasPassed)
{
    auto settings = quick_argon2();
    settings.deadline = 0ms;
    PasswordHasher hasher(settings);
    const auto place = hasher.enter();
    EXPECT_EQ(hasher.hash("correct horse", *place).error(), HashError::overloaded);
    EXPECT_EQ(hasher.verify_nobody("correct horse", *place).error(), HashError::overloaded);
    EXPECT_EQ(hasher.verify("", "correct horse", *place).error(), HashError::overloaded);
    EXPECT_EQ(hasher.computations(), 0U);
}

} // namespace
} // namespace gatehouse::auth
