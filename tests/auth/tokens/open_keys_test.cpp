#include "auth/tokens/open_keys.hpp"
#include "tests/auth/tokens/forge.hpp"
#include "tests/auth/tokens/shelf.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace gatehouse::auth {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OpenKeysTest : public ::testing::Test {
protected:
    OpenKeysTest() { settings.store = "sqlite:" + (folder / "g.db").string(); }

    /// The sentence, or nothing.
    [[nodiscard]] std::string problem()
    {
        const auto keys = open_keys(settings, shelf, clock);
        return keys ? std::string() : keys.error().message;
    }

    [[nodiscard]] std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            names.push_back(entry.path().filename());
        }
        return names;
    }

    const TemporaryFolder folder;
    config::Settings settings;
    Shelf shelf;
    StoppedClock clock;
};

TEST_F(OpenKeysTest, KeepsThemBesideAnSqliteStore)
{
    EXPECT_EQ(problem(), "");
    EXPECT_THAT(files(), ElementsAre("g.db.keys.json"));
    EXPECT_FALSE(shelf.row);
}

TEST_F(OpenKeysTest, KeepsThemInTheFileThatIsNamed)
{
    settings.tokens.keys_file = folder / "k.json";
    EXPECT_FALSE(problem_with_keys(settings)) << "the first start makes it";
    EXPECT_THAT(files(), IsEmpty());
    settings.tokens.sealing_secret = Secret(std::string(32, 's'));
    EXPECT_EQ(problem(), "");
    EXPECT_THAT(files(), ElementsAre("k.json"));
    EXPECT_FALSE(shelf.row);
}

TEST_F(OpenKeysTest, KeepsThemInTheStoreUnderASecret)
{
    settings.tokens.sealing_secret = Secret(std::string(32, 's'));
    for (const auto* store : {"postgres://g@db/g", "memory", settings.store.c_str()}) {
        SCOPED_TRACE(store);
        shelf.row.reset();
        settings.store = store;
        EXPECT_EQ(problem(), "");
        EXPECT_TRUE(shelf.row);
        EXPECT_THAT(files(), IsEmpty());
    }
}

TEST_F(OpenKeysTest, AStoreWithoutAFolderKeepsThemInMemory)
{
    settings.store = "memory";
    EXPECT_EQ(problem(), "");
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_FALSE(shelf.row);
}

TEST_F(OpenKeysTest, ReadsThemFromAFolder)
{
    settings.tokens.keys_directory = folder.path();
    EXPECT_THAT(problem(), HasSubstr("has no file access-active.pem"));
    EXPECT_EQ(problem_with_keys(settings), problem());
    EXPECT_THAT(files(), IsEmpty());
}

TEST_F(OpenKeysTest, SecretsOfTheEnvironmentComeFirst)
{
    settings.tokens.algorithm = config::Algorithm::hs256;
    settings.tokens.sealing_secret = Secret(std::string(32, 's'));
    EXPECT_THAT(problem(), HasSubstr("ACCESS_TOKEN_SECRET"));
    settings.tokens.access_secret = Secret(std::string(32, 'a'));
    settings.tokens.refresh_secret = Secret(std::string(32, 'r'));
    EXPECT_EQ(problem(), "");
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_FALSE(shelf.row);
}

TEST_F(OpenKeysTest, AWeakSealingSecretIsNone)
{
    settings.tokens.sealing_secret = Secret(std::string(31, 's'));
    EXPECT_THAT(problem(), HasSubstr("at least 32 bytes"));
    EXPECT_FALSE(shelf.row);
}

} // namespace
} // namespace gatehouse::auth
