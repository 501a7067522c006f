#include "auth/service/admin_credential.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace gatehouse::auth {
namespace {

using testing::HasSubstr;

class AdminCredentialTest : public testing::Test {
protected:
    AdminCredentialTest() { settings.token_file = (folder / "token").string(); }

    void write(std::string_view text, mode_t mode = 0600) const
    {
        std::ofstream(settings.token_file) << text;
        ::chmod(settings.token_file.c_str(), mode);
    }

    [[nodiscard]] std::string content() const
    {
        std::stringstream text;
        text << std::ifstream(settings.token_file).rdbuf();
        return text.str();
    }

    const TemporaryFolder folder;
    config::AdminApiSettings settings;
};

constexpr auto good = "0123456789abcdef0123456789abcdef";

TEST_F(AdminCredentialTest, IsMadeOnceForItsOwnerAloneAndNeverOverwritten)
{
    const auto first = AdminCredential::open(settings);
    ASSERT_TRUE(first) << first.error().message;
    const auto kept = content();
    EXPECT_GE(kept.size(), 43U); // 256 bits
    struct stat facts{};
    ASSERT_EQ(::stat(settings.token_file.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);

    const auto second = AdminCredential::open(settings);
    ASSERT_TRUE(second);
    EXPECT_EQ(content(), kept);
    const auto token = AdminCredential::find(settings);
    ASSERT_TRUE(token);
    EXPECT_TRUE(first->is(token->reveal()));
    EXPECT_TRUE(second->is(token->reveal()));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        EXPECT_EQ(entry.path().filename(), "token") << "something was left behind";
    }
}

TEST_F(AdminCredentialTest, IsTheSameForAllThatStartTogether)
{
    std::vector<std::thread> replicas;
    for (int i = 0; i < 8; ++i) {
        replicas.emplace_back([this] { EXPECT_TRUE(AdminCredential::open(settings)); });
    }
    for (auto& replica : replicas) replica.join();
    const auto token = AdminCredential::find(settings);
    ASSERT_TRUE(token);
    EXPECT_TRUE(AdminCredential::open(settings)->is(token->reveal()));
}

TEST_F(AdminCredentialTest, KnowsItsTokenAndNothingElse)
{
    write(std::string(good) + "\n");
    const auto credential = AdminCredential::open(settings);
    ASSERT_TRUE(credential);
    EXPECT_TRUE(credential->is(good));
    for (const auto* wrong :
         {"", "0", "0123456789abcdef0123456789abcdeF", "0123456789abcdef0123456789abcde",
          "0123456789abcdef0123456789abcdef0"}) {
        EXPECT_FALSE(credential->is(wrong)) << wrong;
    }
}

TEST_F(AdminCredentialTest, IsNotReadWhereOthersMayReadIt)
{
    struct Case {
        const char* name;
        mode_t mode;
        bool fits;
    };

    const Case cases[] = {
        {"its owner alone",      0600, true },
        {"its owner, to read",   0400, true },
        {"a group may read",     0640, true },
        {"a group may write",    0660, false},
        {"everybody may read",   0644, false},
        {"everybody may write",  0602, false},
        {"everybody may run it", 0601, false},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        write(good, each.mode);
        const auto opened = AdminCredential::open(settings);
        EXPECT_EQ(opened.has_value(), each.fits);
        if (!opened) EXPECT_THAT(opened.error().message, HasSubstr("chmod 600"));
    }
}

TEST_F(AdminCredentialTest, IsNotMadeOfWhatCanBeGuessed)
{
    for (const std::string text :
         {"", "\n", "short\n", "has blanks in it and is long enough so far\n",
          "two\nlines of a file that is long enough so far\n"}) {
        SCOPED_TRACE(text);
        write(text);
        const auto opened = AdminCredential::open(settings);
        ASSERT_FALSE(opened);
        EXPECT_THAT(opened.error().message, HasSubstr("holds no admin token"));
        EXPECT_EQ(content(), text) << "it was overwritten";
    }
    std::filesystem::remove(settings.token_file);
    std::filesystem::create_directory(settings.token_file);
    EXPECT_FALSE(AdminCredential::open(settings));
}

TEST_F(AdminCredentialTest, ComesFromTheEnvironmentFirst)
{
    settings.token = Secret("from-the-environment-0123456789ab");
    const auto credential = AdminCredential::open(settings);
    ASSERT_TRUE(credential);
    EXPECT_TRUE(credential->is("from-the-environment-0123456789ab"));
    EXPECT_FALSE(std::filesystem::exists(settings.token_file));
}

TEST_F(AdminCredentialTest, IsNobodysWithoutAPlace)
{
    settings.token_file.clear();
    const auto credential = AdminCredential::open(settings);
    ASSERT_TRUE(credential);
    EXPECT_FALSE(credential->is(""));
    EXPECT_FALSE(AdminCredential::find(settings));
    EXPECT_FALSE(AdminCredential::unknown().is(""));
}

TEST_F(AdminCredentialTest, IsLookedForAndNotMadeByCommands)
{
    const auto token = AdminCredential::find(settings);
    ASSERT_FALSE(token);
    EXPECT_THAT(token.error().message, HasSubstr("a gateway makes it when it starts"));
    EXPECT_FALSE(std::filesystem::exists(settings.token_file));
}

} // namespace
} // namespace gatehouse::auth
