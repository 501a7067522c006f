#include "auth/tokens/key_directory.hpp"
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

namespace gatehouse::auth {
namespace {

using namespace testing;
using config::Algorithm;
using ::testing::HasSubstr;
using News = KeyKeeper::News;

[[nodiscard]] std::string pem_of(const jose::Key::Pointer& key)
{
    return std::string(key->private_text().reveal());
}

class KeyDirectoryTest : public ::testing::Test {
protected:
    void write(const std::string& name, std::string_view text, mode_t mode = 0644) const
    {
        const auto path = folder / name;
        std::filesystem::remove(path);
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    }

    /// What every gateway needs at least.
    void write_good_files() const
    {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::filesystem::remove_all(entry);
        }
        write("access-active.pem", pem_of(active));
        write("refresh-active", std::string(32, 'r'));
    }

    [[nodiscard]] Result<std::unique_ptr<KeyKeeper>, KeyError> try_open() const
    {
        auto place = std::make_unique<KeyDirectory>(folder, settings.algorithm);
        return KeyKeeper::open(settings, std::move(place), clock);
    }

    [[nodiscard]] std::string refusal() const
    {
        const auto keeper = try_open();
        return keeper ? "opened" : keeper.error().message;
    }

    const jose::Key::Pointer active = jose::Key::generate(Algorithm::es256);
    const jose::Key::Pointer other = jose::Key::generate(Algorithm::es256);
    const TemporaryFolder temporary;
    const std::filesystem::path folder = temporary.path();
    config::TokenSettings settings;
    StoppedClock clock;
};

TEST_F(KeyDirectoryTest, ReadsRolesFromNames)
{
    write_good_files();
    const auto old = jose::Key::generate(Algorithm::eddsa);
    write("access-next.pem", pem_of(other));
    write("access-retired-2026-10.pem", pem_of(old));
    write("refresh-retired", std::string(32, 'o') + "\n");
    write(".hidden", "whatever");
    const auto keeper = try_open();
    ASSERT_TRUE(keeper) << keeper.error().message;
    const auto ring = (*keeper)->ring();
    EXPECT_EQ(ring->access_signer().kid(), active->kid());
    EXPECT_NE(ring->access_verifier(other->kid(), noon), nullptr);
    EXPECT_EQ(ring->access_verifier(old->kid(), noon)->algorithm(), Algorithm::eddsa);
    const auto secret = *jose::Key::from_secret(Secret(std::string(32, 'o')));
    EXPECT_NE(ring->refresh_verifier(secret->kid(), noon), nullptr) << "without its line break";
}

TEST_F(KeyDirectoryTest, AnRsaKeySignsAsTheSettingsSay)
{
    write_good_files();
    write("access-active.pem", pem_of(jose::Key::generate(Algorithm::rs256)));
    for (const auto algorithm : {Algorithm::ps256, Algorithm::rs256}) {
        settings.algorithm = algorithm;
        EXPECT_EQ((*try_open())->ring()->access_signer().algorithm(), algorithm);
    }
    settings.algorithm = Algorithm::es256;
    EXPECT_EQ((*try_open())->ring()->access_signer().algorithm(), Algorithm::rs256);
}

TEST_F(KeyDirectoryTest, SaysInASentenceWhatIsWrong)
{
    const struct {
        const char* name;
        std::function<void()> spoil;
        std::string sentence;
    } rows[] = {
        {"no signing key",               [&] { std::filesystem::remove(folder / "access-active.pem"); },
         "has no file access-active.pem"                                                                                                 },
        {"no refresh secret",            [&] { std::filesystem::remove(folder / "refresh-active"); },
         "has no file refresh-active"                                                                                                    },
        {"a misspelt name",              [&] { write("access-nxt.pem", pem_of(other)); },
         "access-nxt.pem is none of"                                                                                                     },
        {"no ending",                    [&] { write("access-next", pem_of(other)); },                           "access-next is none of"},
        {"a key in no form",             [&] { write("access-next.pem", "what?"); },
         "access-next.pem holds no private key"                                                                                          },
        {"an empty key",                 [&] { write("access-next.pem", ""); },                                  "holds no private key"  },
        {"a short secret",               [&] { write("refresh-next", std::string(31, 'n')); },
         "refresh-next has less than 32 bytes"                                                                                           },
        {"short but for its line break",
         [&] { write("refresh-next", std::string(31, 'n') + "\n"); },                                            "has less than 32 bytes"},
        {"one key twice",                [&] { write("access-next.pem", pem_of(active)); },
         "one key under two names"                                                                                                       },
        {"one secret twice",             [&] { write("refresh-retired", std::string(32, 'r')); },
         "one key under two names"                                                                                                       },
        {"writable by the group",        [&] { write("access-next.pem", pem_of(other), 0664); },
         "mode 0664"                                                                                                                     },
        {"writable by all",              [&] { write("access-next.pem", pem_of(other), 0602); },                 "chmod go-w"            },
        {"a folder",                     [&] { std::filesystem::create_directory(folder / "access-next.pem"); },
         "is no file"                                                                                                                    },
        {"a pipe",                       [&] { ::mkfifo((folder / "access-next.pem").c_str(), 0600); },          "is no file"            },
        {"a link into nowhere",
         [&] { std::filesystem::create_symlink("gone", folder / "access-next.pem"); },
         "access-next.pem: No such file"                                                                                                 },
        {"a huge file",                  [&] { write("access-next.pem", std::string(70'000, 'x')); },            "too large"             },
        {"nothing at all",               [&] { std::filesystem::remove_all(folder); },                           "cannot open the folder"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        write_good_files();
        ASSERT_EQ(refusal(), "opened");
        row.spoil();
        EXPECT_THAT(refusal(), HasSubstr(row.sentence));
        EXPECT_THAT(refusal(), HasSubstr(folder.string()));
        std::filesystem::create_directories(folder);
    }
}

TEST_F(KeyDirectoryTest, FollowsASwappedFolder)
{
    const auto version = [&](const std::string& name, const jose::Key::Pointer& signer) {
        std::filesystem::create_directory(folder / name);
        write(name + "/access-active.pem", pem_of(signer));
        write(name + "/refresh-active", std::string(32, 'r'));
    };
    const auto swap_to = [&](const std::string& name) {
        std::filesystem::create_symlink(name, folder / "..new");
        std::filesystem::rename(folder / "..new", folder / "..data");
    };
    // As Kubernetes lays out a Secret.
    version("..2026_10_01", active);
    swap_to("..2026_10_01");
    for (const auto* name : {"access-active.pem", "refresh-active"}) {
        std::filesystem::create_symlink(std::string("..data/") + name, folder / name);
    }
    const auto keeper = try_open();
    ASSERT_TRUE(keeper) << keeper.error().message;
    const auto first = (*keeper)->ring();
    EXPECT_EQ(first->access_signer().kid(), active->kid());
    EXPECT_EQ(*(*keeper)->tend(), News::none);
    EXPECT_EQ((*keeper)->ring(), first);

    version("..2026_11_01", other);
    EXPECT_EQ(*(*keeper)->tend(), News::none) << "not before the swap";
    swap_to("..2026_11_01");
    std::filesystem::remove_all(folder / "..2026_10_01");
    EXPECT_EQ(*(*keeper)->tend(), News::heard);
    EXPECT_EQ((*keeper)->ring()->access_signer().kid(), other->kid());
}

TEST_F(KeyDirectoryTest, ChangesNothingThere)
{
    write_good_files();
    settings.rotate_every = 1h;
    const auto keeper = try_open();
    ASSERT_TRUE(keeper);
    const auto rotated = (*keeper)->rotate();
    ASSERT_FALSE(rotated);
    EXPECT_THAT(rotated.error().message, HasSubstr("are read from " + folder.string()));
    clock.time += 48h;
    EXPECT_EQ(*(*keeper)->tend(), News::none);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);

    write("refresh-active", "short");
    EXPECT_FALSE((*keeper)->tend());
    EXPECT_EQ((*keeper)->ring()->access_signer().kid(), active->kid()) << "the old keys go on";
}

} // namespace
} // namespace gatehouse::auth
