#include "auth/tokens/key_file.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/key_store.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/auth/tokens/shelf.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using News = KeyKeeper::News;

const Secret right(std::string(32, 'r'));
const Secret wrong(std::string(32, 'w'));

class KeyStoreTest : public ::testing::Test {
protected:
    using Opened = Result<std::unique_ptr<KeyKeeper>, KeyError>;

    [[nodiscard]] Opened try_open(const Secret& secret, const std::vector<Secret>& previous = {})
    {
        auto place =
            std::make_unique<KeyStore>(shelf, *KeySeal::make(secret, previous), clock, former_file);
        return KeyKeeper::open(settings, std::move(place), clock);
    }

    [[nodiscard]] std::unique_ptr<KeyKeeper> replica()
    {
        auto keeper = try_open(right);
        EXPECT_TRUE(keeper) << keeper.error().message;
        return keeper ? *std::move(keeper) : nullptr;
    }

    [[nodiscard]] std::string refusal(const Secret& secret)
    {
        const auto keeper = try_open(secret);
        return keeper ? "opened" : keeper.error().message;
    }

    /// What one round brought.
    [[nodiscard]] static News tend(KeyKeeper& keeper)
    {
        const auto news = keeper.tend();
        EXPECT_TRUE(news) << news.error().message;
        return news ? *news : News::none;
    }

    [[nodiscard]] static std::string signer(const KeyKeeper& keeper)
    {
        return keeper.ring()->access_signer().kid();
    }

    Shelf shelf;
    config::TokenSettings settings;
    StoppedClock clock;
    std::string former_file;
};

TEST_F(KeyStoreTest, AllReplicasHaveTheKeysOfTheFirst)
{
    const auto one = replica();
    const auto two = replica();
    EXPECT_EQ(one->ring()->jwks(noon), two->ring()->jwks(noon));
    EXPECT_EQ(one->ring()->refresh_signer().kid(), two->ring()->refresh_signer().kid());
    EXPECT_EQ(shelf.row->version, 1U) << "the second one wrote nothing";
}

TEST_F(KeyStoreTest, WhoIsSlowerTakesWhatTheFasterOneMade)
{
    std::unique_ptr<KeyKeeper> faster;
    shelf.before_replace = [&] { faster = replica(); };
    const auto slower = replica();
    ASSERT_TRUE(faster && slower);
    EXPECT_EQ(slower->ring()->jwks(noon), faster->ring()->jwks(noon));
    EXPECT_EQ(shelf.row->version, 1U);
}

TEST_F(KeyStoreTest, SaysInASentenceWhyItDoesNotStart)
{
    (void)replica();
    EXPECT_THAT(refusal(wrong), HasSubstr("sealed under another secret"));
    EXPECT_THAT(refusal(wrong), HasSubstr("SEALING_SECRET"));
    EXPECT_FALSE(try_open(wrong).error().try_again) << "waiting would not help";

    const auto good = *shelf.row;
    shelf.row->bytes.back() = static_cast<char>(shelf.row->bytes.back() ^ 1);
    EXPECT_THAT(refusal(right), HasSubstr("damaged"));
    shelf.row->bytes = "{}";
    EXPECT_THAT(refusal(right), HasSubstr("a form that this version does not know"));
    EXPECT_EQ(shelf.row->bytes, "{}") << "what is not understood is left alone";
    shelf.row->bytes = KeySeal::make(right, {})->seal(Secret(std::string("{}")), "token_keys");
    EXPECT_THAT(refusal(right), HasSubstr("damaged: its version"));
    shelf.row = good;
    EXPECT_EQ(refusal(right), "opened");
}

TEST_F(KeyStoreTest, AsksAgainWhileTheStoreDoesNotAnswer)
{
    shelf.is_down = true;
    const auto keeper = try_open(right);
    ASSERT_FALSE(keeper);
    EXPECT_TRUE(keeper.error().try_again);
}

TEST_F(KeyStoreTest, KeepsItsRingWhileTheStoreIsDownOrSpoilt)
{
    const auto keeper = replica();
    const auto ring = keeper->ring();
    shelf.is_down = true;
    EXPECT_FALSE(keeper->tend());
    EXPECT_FALSE(keeper->rotate());
    shelf.is_down = false;
    const auto good = *shelf.row;
    shelf.row.reset();
    EXPECT_FALSE(keeper->tend()) << "keys that are gone are not made anew";
    EXPECT_FALSE(shelf.row);
    shelf.row = KeptKeys::Kept{9, "spoilt"};
    EXPECT_FALSE(keeper->tend());
    EXPECT_FALSE(keeper->reload());
    EXPECT_EQ(keeper->ring(), ring);
    shelf.row = good;
    EXPECT_EQ(tend(*keeper), News::none);
    EXPECT_EQ(keeper->ring(), ring);
}

// Every replica verifies a key before any signs with it.
TEST_F(KeyStoreTest, RotatesOnScheduleAndNobodySignsWithWhatOthersDoNotKnow)
{
    settings.rotate_every = 24h;
    settings.publish_ahead = 5min;
    const auto one = replica();
    const auto two = replica();
    clock.time += 24h - 1s;
    EXPECT_EQ(tend(*one), News::none);

    clock.time += 1s;
    EXPECT_EQ(tend(*one), News::made);
    EXPECT_NE(one->ring()->jwks(clock.seconds()), two->ring()->jwks(clock.seconds()));
    EXPECT_NE(two->ring()->access_verifier(signer(*one), clock.seconds()), nullptr);
    EXPECT_NE(one->ring()->access_verifier(signer(*two), clock.seconds()), nullptr);
    const auto refresh = one->ring()->refresh_signer().kid();
    EXPECT_NE(two->ring()->refresh_verifier(refresh, clock.seconds()), nullptr);

    EXPECT_EQ(tend(*two), News::heard);
    EXPECT_EQ(one->ring()->jwks(clock.seconds()), two->ring()->jwks(clock.seconds()));
    EXPECT_EQ(tend(*one), News::none);
    EXPECT_EQ(tend(*two), News::none);
}

TEST_F(KeyStoreTest, OfTwoThatRotateAtOnceOneDoes)
{
    settings.rotate_every = 24h;
    const auto one = replica();
    const auto two = replica();
    clock.time += 24h;
    shelf.before_replace = [&] { EXPECT_EQ(tend(*two), News::made); };
    EXPECT_EQ(tend(*one), News::heard);
    EXPECT_EQ(one->ring()->jwks(clock.seconds()), two->ring()->jwks(clock.seconds()));
    EXPECT_EQ(one->ring()->access_keys().size(), 3U) << "one rotation, not two";
}

TEST_F(KeyStoreTest, AnEarlyWishIsKeptAndFulfilledByWhoeverIsThere)
{
    const auto command = replica();
    const auto gateway = replica();
    EXPECT_FALSE(command->rotate()->later) << "the first next key is as old as the first one";
    EXPECT_EQ(tend(*gateway), News::heard);
    const auto before = signer(*gateway);

    const auto second = command->rotate();
    ASSERT_TRUE(second && second->later);
    EXPECT_EQ(*second->later, noon + settings.publish_ahead);
    EXPECT_EQ(tend(*gateway), News::none);
    EXPECT_EQ(signer(*gateway), before);
    EXPECT_EQ(command->rotate()->later, second->later) << "asking twice changes nothing";

    clock.time += settings.publish_ahead;
    EXPECT_EQ(tend(*gateway), News::made);
    EXPECT_NE(signer(*gateway), before);
    clock.time += settings.publish_ahead;
    EXPECT_EQ(tend(*gateway), News::none) << "one wish, one rotation";
}

TEST_F(KeyStoreTest, SealsAgainUnderANewSecret)
{
    const auto before = replica();
    const Secret fresh(std::string(40, 'f'));
    const auto changing = try_open(fresh, {right});
    ASSERT_TRUE(changing);
    EXPECT_EQ(signer(**changing), signer(*before));
    EXPECT_EQ(refusal(fresh), "opened");
    EXPECT_THAT(refusal(right), HasSubstr("another secret"));
    EXPECT_FALSE(before->tend()) << "a replica that was not told keeps what it has";
    EXPECT_EQ(signer(*before), signer(**changing));
}

TEST_F(KeyStoreTest, TakesOverTheKeysOfAFile)
{
    const TemporaryFolder folder;
    former_file = folder / "gatehouse.db.keys.json";
    const auto fresh = replica();
    EXPECT_FALSE(std::filesystem::exists(former_file));

    shelf.row.reset();
    const auto in_file = KeyKeeper::open(settings, former_file, clock);
    ASSERT_TRUE(in_file);
    const auto in_store = replica();
    ASSERT_TRUE(in_store);
    EXPECT_EQ(signer(*in_store), signer(**in_file));
    EXPECT_NE(signer(*in_store), signer(*fresh));
    ASSERT_TRUE((*in_file)->rotate());
    EXPECT_EQ(tend(*in_store), News::none) << "from then on the store counts";
    shelf.row.reset();
    EXPECT_FALSE(in_store->tend());
}

} // namespace
} // namespace gatehouse::auth
