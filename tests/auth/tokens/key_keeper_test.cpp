#include "auth/json/reader.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class KeyKeeperTest : public ::testing::Test {
protected:
    KeyKeeperTest() { path = folder / "gatehouse.db.keys.json"; }

    [[nodiscard]] std::unique_ptr<KeyKeeper> open() const
    {
        auto keeper = KeyKeeper::open(settings, path, clock);
        EXPECT_TRUE(keeper) << keeper.error().message;
        return keeper ? *std::move(keeper) : nullptr;
    }

    /// The sentence an operator reads.
    [[nodiscard]] std::string refusal() const
    {
        const auto keeper = KeyKeeper::open(settings, path, clock);
        return keeper ? "opened" : keeper.error().message;
    }

    [[nodiscard]] std::string content() const
    {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    void write(std::string_view text, mode_t mode = 0600) const
    {
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    }

    static void replace(std::string& text, std::string_view from, std::string_view to)
    {
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    }

    [[nodiscard]] static std::vector<std::string> kids(const KeyRing& ring, KeyState state)
    {
        std::vector<std::string> found;
        for (const auto& key : ring.access_keys()) {
            if (key.state == state) found.push_back(key.key->kid());
        }
        return found;
    }

    const TemporaryFolder folder;
    std::string path;
    config::TokenSettings settings;
    StoppedClock clock;
};

TEST_F(KeyKeeperTest, MakesKeysOnFirstStartThatOnlyTheOwnerMayRead)
{
    const auto keeper = open();
    ASSERT_TRUE(keeper);
    EXPECT_EQ(kids(*keeper->ring(), KeyState::active).size(), 1U);
    EXPECT_EQ(kids(*keeper->ring(), KeyState::next).size(), 1U);
    EXPECT_EQ(keeper->ring()->access_signer().algorithm(), jose::Algorithm::es256);
    EXPECT_EQ(keeper->ring()->refresh_signer().algorithm(), jose::Algorithm::hs256);

    struct stat facts{};

    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    const auto files = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    EXPECT_EQ(files, 1) << "no temporary or lock file stays behind";
}

// R65
TEST_F(KeyKeeperTest, KeepsKeysAcrossARestart)
{
    const auto first = open()->ring();
    const auto again = open()->ring();
    EXPECT_EQ(first->access_signer().kid(), again->access_signer().kid());
    EXPECT_EQ(first->refresh_signer().kid(), again->refresh_signer().kid());
    EXPECT_TRUE(again->access_signer().verify("x", first->access_signer().sign("x")));
}

TEST_F(KeyKeeperTest, KnowsThatTheKeysAreTheFirst)
{
    EXPECT_TRUE(open()->made_the_first());
    EXPECT_FALSE(open()->made_the_first());
    std::filesystem::remove(path);
    EXPECT_TRUE(open()->made_the_first());
}

TEST_F(KeyKeeperTest, SaysInASentenceWhyItDoesNotTakeAFile)
{
    (void)open();
    const auto good = content();
    const auto changed = [&](std::string_view from, std::string_view to) {
        auto text = good;
        replace(text, from, to);
        return text;
    };

    struct Case {
        const char* name;
        std::string text;
        mode_t mode;
        std::string sentence;
    };

    const Case cases[] = {
        {"readable by the group", good, 0640, "chmod 600"},
        {"readable by all", good, 0604, "mode 0604"},
        {"writable by all", good, 0602, "may be used by others"},
        {"empty", "", 0600, "is damaged: it is not JSON"},
        {"cut off", good.substr(0, good.size() / 2), 0600, "is damaged: it is not JSON"},
        {"another version", changed("\"version\":1", "\"version\":2"), 0600, "version"},
        {"no refresh keys", changed("\"refresh\":", "\"other\":"), 0600, "no list \"refresh\""},
        {"no active key", changed("\"active\"", "\"retired\""), 0600, "exactly one active"},
        {"two active keys", changed("\"next\"", "\"active\""), 0600, "exactly one active"},
        {"an unknown state", changed("\"next\"", "\"asleep\""), 0600, "unknown algorithm or state"},
        {"an unknown algorithm", changed("\"ES256\"", "\"none\""), 0600,
         "unknown algorithm or state"},
        {"the wrong algorithm", changed("\"ES256\"", "\"RS256\""), 0600, "is no RSA key"},
        {"no private half", changed("\"private\"", "\"public\""), 0600, "lacks its"},
        {"a public key's label", changed("BEGIN PRIVATE", "BEGIN PUBLIC"), 0600,
         "no unencrypted private key"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        write(c.text, c.mode);
        const auto sentence = refusal();
        EXPECT_THAT(sentence, HasSubstr(c.sentence));
        EXPECT_THAT(sentence, HasSubstr(path));
        EXPECT_THAT(sentence, ::testing::Not(HasSubstr("MIGH"))) << "key material in a message";
        EXPECT_EQ(content(), c.text) << "a file that is not understood is left alone";
    }
    write(good);
    EXPECT_EQ(refusal(), "opened");
}

TEST_F(KeyKeeperTest, SaysWhichFileItCannotWrite)
{
    path = folder / "nowhere" / "keys.json";
    EXPECT_THAT(refusal(), HasSubstr("cannot write the keys file " + path));
}

// R39: a key is published before it signs and stays until no token needs it
TEST_F(KeyKeeperTest, RotatesThroughNextActiveAndRetired)
{
    settings.access_ttl = 10min;
    settings.retired_margin = 90s;
    const auto keeper = open();
    const auto before = keeper->ring();
    ASSERT_TRUE(keeper->rotate());
    const auto after = keeper->ring();
    EXPECT_NE(after->generation(), before->generation());
    EXPECT_EQ(kids(*after, KeyState::active), kids(*before, KeyState::next));
    EXPECT_EQ(kids(*after, KeyState::retired), kids(*before, KeyState::active));
    EXPECT_NE(kids(*after, KeyState::next), kids(*before, KeyState::next));
    EXPECT_NE(after->refresh_signer().kid(), before->refresh_signer().kid());
    EXPECT_NE(after->refresh_verifier(before->refresh_signer().kid(), noon + 365 * 24h), nullptr)
        << "no session ends";

    const auto& retired = before->access_signer().kid();
    EXPECT_NE(after->access_verifier(retired, noon + 10min + 89s), nullptr);
    EXPECT_EQ(after->access_verifier(retired, noon + 10min + 90s), nullptr);
    EXPECT_THAT(after->jwks(noon), HasSubstr(retired));
    EXPECT_THAT(after->jwks(noon + 12min), ::testing::Not(HasSubstr(retired)));

    const auto restarted = open()->ring();
    EXPECT_EQ(restarted->access_signer().kid(), after->access_signer().kid());
    EXPECT_NE(restarted->access_verifier(retired, noon), nullptr);

    clock.time += 12min;
    ASSERT_TRUE(keeper->rotate());
    EXPECT_EQ(keeper->ring()->access_keys().size(), 3U) << "the first key is forgotten";
}

TEST_F(KeyKeeperTest, FollowsWhatAnotherProcessDid)
{
    const auto gateway = open();
    const auto command_line = open();
    const auto old = gateway->ring();
    const auto unchanged = gateway->reload();
    ASSERT_TRUE(unchanged);
    EXPECT_FALSE(*unchanged);
    EXPECT_EQ(gateway->ring(), old) << "the same keys, the same ring: caches stay warm";

    ASSERT_TRUE(command_line->rotate());
    const auto reloaded = gateway->reload();
    ASSERT_TRUE(reloaded);
    EXPECT_TRUE(*reloaded);
    EXPECT_EQ(gateway->ring()->access_signer().kid(), command_line->ring()->access_signer().kid());
    EXPECT_GT(gateway->ring()->generation(), old->generation());

    ASSERT_TRUE(gateway->rotate());
    ASSERT_TRUE(command_line->rotate());
    EXPECT_EQ(kids(*command_line->ring(), KeyState::retired).size(), 3U)
        << "rotating begins with what the file says now";
}

TEST_F(KeyKeeperTest, KeepsTheOldRingWhenTheFileIsDamaged)
{
    const auto keeper = open();
    const auto old = keeper->ring();
    write("{");
    EXPECT_FALSE(keeper->reload());
    EXPECT_FALSE(keeper->rotate());
    EXPECT_EQ(keeper->ring(), old);
    EXPECT_EQ(content(), "{");
}

TEST_F(KeyKeeperTest, MakesNoNewKeysWhileItRuns)
{
    const auto keeper = open();
    const auto old = keeper->ring();
    std::filesystem::remove(path);
    EXPECT_FALSE(keeper->reload());
    EXPECT_FALSE(keeper->rotate());
    EXPECT_EQ(keeper->ring(), old);
    EXPECT_FALSE(std::filesystem::exists(path)) << "new ones would sign everybody out";
}

TEST_F(KeyKeeperTest, RotatesAFileOnSchedule)
{
    settings.rotate_every = 24h;
    const auto keeper = open();
    const auto beside_it = open();
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::none);
    const auto first_due = keeper->next_rotation();
    ASSERT_TRUE(first_due);
    EXPECT_EQ(*first_due, clock.seconds() + 24h);
    clock.time += 24h;
    const auto next = kids(*keeper->ring(), KeyState::next);
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::made);
    EXPECT_EQ(kids(*keeper->ring(), KeyState::active), next);
    EXPECT_EQ(*beside_it->tend(), KeyKeeper::News::heard) << "the other process was faster";
    EXPECT_EQ(kids(*beside_it->ring(), KeyState::active), next);
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::none);
    EXPECT_EQ(keeper->next_rotation(), *first_due + 24h);
    settings.rotate_every = 0h;
    EXPECT_FALSE(open()->next_rotation()) << "nothing rotates by itself";
}

TEST_F(KeyKeeperTest, FollowsAnotherScheduleWhileItRuns)
{
    const auto keeper = open();
    const auto next = kids(*keeper->ring(), KeyState::next);
    clock.time += 48h;
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::none);
    settings.rotate_every = 24h;
    settings.algorithm = config::Algorithm::es384; // needs a restart
    keeper->use(settings);
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::made);
    EXPECT_EQ(kids(*keeper->ring(), KeyState::active), next);
    clock.time += 1h;
    EXPECT_EQ(*keeper->tend(), KeyKeeper::News::none);
}

TEST_F(KeyKeeperTest, LetsARetiredKeyVerifyAsLongAsItsTokensLiveAlsoWhenLivesGotShorter)
{
    const auto keeper = open();
    const auto old = kids(*keeper->ring(), KeyState::active).front();
    settings.access_ttl = 1s;
    settings.retired_margin = 0s;
    keeper->use(settings);
    ASSERT_TRUE(keeper->rotate());
    EXPECT_NE(keeper->ring()->access_verifier(old, clock.seconds() + 59min), nullptr);
}

TEST_F(KeyKeeperTest, ChangesAlgorithmWithoutSigningAnybodyOut)
{
    const auto before = open()->ring();
    settings.algorithm = config::Algorithm::eddsa;
    const auto after = open()->ring();
    EXPECT_EQ(after->access_signer().algorithm(), jose::Algorithm::eddsa);
    EXPECT_NE(after->access_verifier(before->access_signer().kid(), noon), nullptr);
    EXPECT_NE(after->refresh_verifier(before->refresh_signer().kid(), noon), nullptr);
    const auto next = kids(*after, KeyState::next);
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(after->access_verifier(next.front(), noon)->algorithm(), jose::Algorithm::eddsa);
}

TEST_F(KeyKeeperTest, LivesInMemoryWithoutAPath)
{
    path.clear();
    const auto keeper = open();
    const auto before = keeper->ring();
    ASSERT_TRUE(keeper->rotate());
    EXPECT_EQ(kids(*keeper->ring(), KeyState::retired), kids(*before, KeyState::active));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// R39
TEST_F(KeyKeeperTest, PublishesPublicHalvesOnly)
{
    const auto keeper = open();
    const auto jwks = json::read(keeper->ring()->jwks(noon));
    ASSERT_TRUE(jwks);
    ASSERT_EQ(jwks->find("keys")->array()->size(), 2U) << "active and next";
    for (const auto& jwk : *jwks->find("keys")->array()) {
        EXPECT_NE(jwk.find_string("kid"), nullptr);
        EXPECT_EQ(*jwk.find_string("alg"), "ES256");
        EXPECT_EQ(*jwk.find_string("kty"), "EC");
        EXPECT_EQ(jwk.find("d"), nullptr);
        EXPECT_NE(*jwk.find_string("kid"), keeper->ring()->refresh_signer().kid());
    }
}

TEST_F(KeyKeeperTest, TakesHs256SecretsFromTheEnvironment)
{
    settings.algorithm = config::Algorithm::hs256;
    settings.access_secret = Secret(std::string(32, 'a'));
    settings.refresh_secret = Secret(std::string(32, 'r'));
    settings.access_secrets_previous = {Secret(std::string(32, 'A')), Secret(std::string(32, 'a'))};
    settings.refresh_secrets_previous = {Secret(std::string(32, 'R'))};
    const auto keeper = open();
    ASSERT_TRUE(keeper);
    const auto ring = keeper->ring();
    EXPECT_EQ(ring->jwks(noon), R"({"keys":[]})");
    EXPECT_FALSE(std::filesystem::exists(path)) << "nothing to store";

    const auto key_of = [](char c) { return *jose::Key::from_secret(Secret(std::string(32, c))); };
    EXPECT_EQ(ring->access_signer().kid(), key_of('a')->kid());
    EXPECT_EQ(ring->refresh_signer().kid(), key_of('r')->kid());
    EXPECT_EQ(ring->access_keys().size(), 2U);
    EXPECT_NE(ring->access_verifier(key_of('A')->kid(), noon + 365 * 24h), nullptr);
    EXPECT_NE(ring->refresh_verifier(key_of('R')->kid(), noon), nullptr);
    EXPECT_EQ(ring->access_verifier(key_of('r')->kid(), noon), nullptr) << "R35";
    EXPECT_EQ(ring->refresh_verifier(key_of('a')->kid(), noon), nullptr) << "R35";

    const auto rotated = keeper->rotate();
    ASSERT_FALSE(rotated);
    EXPECT_THAT(rotated.error().message, HasSubstr("ACCESS_TOKEN_SECRET_PREVIOUS"));
    EXPECT_FALSE(*keeper->reload());
}

TEST_F(KeyKeeperTest, RefusesWeakOrEqualSecrets)
{
    settings.algorithm = config::Algorithm::hs256;
    EXPECT_THAT(refusal(), HasSubstr("ACCESS_TOKEN_SECRET needs at least 32 bytes"));
    settings.access_secret = Secret(std::string(32, 'a'));
    EXPECT_THAT(refusal(), HasSubstr("REFRESH_TOKEN_SECRET needs at least 32 bytes"));
    settings.refresh_secret = Secret(std::string(32, 'a'));
    EXPECT_THAT(refusal(), HasSubstr("must differ"));
    settings.refresh_secret = Secret(std::string(32, 'r'));
    settings.access_secrets_previous = {Secret(std::string(31, 'A'))};
    EXPECT_THAT(refusal(), HasSubstr("ACCESS_TOKEN_SECRET_PREVIOUS"));
}

} // namespace
} // namespace gatehouse::auth
