#include "auth/service/second_factor_seal.hpp"
#include "tests/auth/store/contract.hpp"

#include <gmock/gmock.h>

#include <iterator>
#include <string>
#include <vector>

namespace gatehouse::auth {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const Secret text("a secret of an app");

class Seals : public testing::Test {
protected:
    Seals() { settings.store = "sqlite:" + (folder.path() / "g.db").string(); }

    /// A process with these settings.
    [[nodiscard]] SecondFactorSeal process() const { return SecondFactorSeal(settings); }

    [[nodiscard]] static std::string sealed_by(const SecondFactorSeal& seal)
    {
        const auto made = seal.for_sealing();
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error());
        return made ? made->seal(text, "totp:u") : "";
    }

    /// "current", "outdated" or why not.
    [[nodiscard]] static std::string opened_by(const SecondFactorSeal& seal,
                                               const std::string& sealed)
    {
        const auto made = seal.for_opening();
        if (!made) return made.error();
        const auto opened = made->open(sealed, "totp:u");
        if (!opened) return std::string(to_string(opened.error()));
        EXPECT_EQ(opened->text.reveal(), text.reveal());
        return opened->is_outdated ? "outdated" : "current";
    }

    contract::TemporaryFolder folder;
    fs::path file = folder.path() / "g.db.totp.key";
    config::Settings settings;
};

TEST_F(Seals, BesideAnSqliteStoreThereIsAFileOnceItIsNeeded)
{
    const auto seal = process();
    EXPECT_TRUE(seal.is_possible());
    EXPECT_THAT(opened_by(seal, "x"), HasSubstr("nothing to seal"));
    EXPECT_FALSE(fs::exists(file));
    const auto sealed = sealed_by(seal);
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1)
        << "nothing is left over";
    EXPECT_EQ(opened_by(seal, sealed), "current");
    EXPECT_EQ(opened_by(process(), sealed), "current") << "after a restart";
    EXPECT_EQ(opened_by(process(), sealed_by(process())), "current");
}

TEST_F(Seals, AFileThatOthersMayReadIsNotTaken)
{
    const auto sealed = sealed_by(process());
    fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
    EXPECT_THAT(opened_by(process(), sealed), HasSubstr("chmod 600"));
    EXPECT_FALSE(process().for_sealing().has_value());
}

TEST_F(Seals, WhoeverRunsTheGatewayHearsWhyNothingCanBeOpenedOrSealed)
{
    std::vector<std::string> heard;
    const auto hear = [&](std::string_view why, std::uint64_t) { heard.emplace_back(why); };
    const auto sealed = sealed_by(process());
    EXPECT_TRUE(SecondFactorSeal(settings, hear).open("u", sealed).has_value());
    EXPECT_TRUE(heard.empty());

    EXPECT_FALSE(SecondFactorSeal(settings, hear).open("u", "x").has_value());
    EXPECT_FALSE(SecondFactorSeal(settings, hear).open("somebody else", sealed).has_value());
    fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
    EXPECT_FALSE(SecondFactorSeal(settings, hear).open("u", sealed).has_value());
    EXPECT_FALSE(SecondFactorSeal(settings, hear).for_sealing().has_value());
    fs::remove(file);
    EXPECT_FALSE(SecondFactorSeal(settings, hear).open("u", sealed).has_value());
    settings.second_factor.sealing_secret = Secret(std::string(40, 'o'));
    EXPECT_FALSE(SecondFactorSeal(settings, hear).open("u", sealed).has_value());

    const std::string of_u = "the second factor of user u cannot be opened: ";
    EXPECT_THAT(
        heard,
        ElementsAre(of_u + "unknown_version",
                    "the second factor of user somebody else cannot be opened: damaged",
                    AllOf(StartsWith(of_u), HasSubstr("chmod 600")),
                    AllOf(StartsWith("no second factor can be set up: "), HasSubstr("chmod 600")),
                    of_u + "there is nothing to seal second factors under",
                    of_u + "it was sealed under a secret that this gateway does not have"));
}

TEST_F(Seals, ASecretOfTheOperatorsComesFirstAndOpensWhatTheFileSealed)
{
    const auto by_file = sealed_by(process());
    settings.tokens.sealing_secret = Secret(std::string(40, 't'));
    const auto by_keys = sealed_by(process());
    EXPECT_EQ(opened_by(process(), by_file), "outdated");
    EXPECT_EQ(opened_by(process(), by_keys), "current");
    settings.second_factor.sealing_secret = Secret(std::string(40, 'o'));
    EXPECT_EQ(opened_by(process(), by_keys), "outdated");
    EXPECT_EQ(opened_by(process(), sealed_by(process())), "current");
    settings.tokens.sealing_secret = Secret();
    EXPECT_EQ(opened_by(process(), by_keys), "other_secret");
    settings.tokens.sealing_secrets_previous = {Secret(std::string(40, 't'))};
    EXPECT_EQ(opened_by(process(), by_keys), "outdated");
}

TEST_F(Seals, ASharedStoreNeedsASecretOfTheOperators)
{
    settings.store = "postgres://db/x";
    EXPECT_FALSE(process().is_possible());
    EXPECT_FALSE(process().for_sealing().has_value());
    settings.second_factor.sealing_secret = Secret(std::string(40, 'o'));
    EXPECT_TRUE(process().is_possible());
    EXPECT_EQ(opened_by(process(), sealed_by(process())), "current");
}

TEST_F(Seals, WhatIsInMemoryIsSealedUnderWhatIsInMemory)
{
    settings.store = "memory";
    const auto seal = process();
    EXPECT_EQ(opened_by(seal, sealed_by(seal)), "current");
    EXPECT_EQ(opened_by(process(), sealed_by(seal)), "other_secret");
}

} // namespace
} // namespace gatehouse::auth
