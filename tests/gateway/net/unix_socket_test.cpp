#include "gateway/net/address.hpp"
#include "gateway/net/unix_socket.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class UnixSocket : public ::testing::Test {
protected:
    [[nodiscard]] bool answers() const { return dial_unix(path, 1s).has_value(); }

    [[nodiscard]] bool is_there() const { return std::filesystem::exists(path); }

    const TemporaryFolder temporary;
    const std::string folder = temporary.path();
    const std::string path = folder + "/admin.sock";
};

TEST_F(UnixSocket, IsForItsOwnerAloneWhateverTheUmaskLetsThrough)
{
    for (const mode_t umask_then : {0, 022, 0777}) {
        const auto before = ::umask(umask_then);
        const auto listener = listen_at(path);
        ::umask(before);
        ASSERT_TRUE(listener) << listener.error();

        struct stat facts{};

        ASSERT_EQ(::stat(path.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0177U, 0U) << umask_then;
    }
}

TEST_F(UnixSocket, TellsWhoIsAtTheOtherEnd)
{
    const auto listener = listen_at(path);
    ASSERT_TRUE(listener);
    const auto client = dial_unix(path, 1s);
    ASSERT_TRUE(client);
    sockaddr_storage storage{};
    auto* raw = reinterpret_cast<sockaddr*>(&storage);
    socklen_t size = sizeof storage;
    const FileDescriptor accepted(::accept(listener->socket.get(), raw, &size));
    EXPECT_EQ(unix_user_of(accepted.get()), ::geteuid());
    EXPECT_EQ(AddressText(SocketAddress(raw, size)).view(), "");
    const FileDescriptor tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(unix_user_of(tcp.get()), std::nullopt);
    EXPECT_EQ(AddressText::of_unix_user(0).view(), "unix:uid=0");
    EXPECT_EQ(AddressText::of_unix_user(static_cast<uid_t>(-1)).view(), "unix:uid=4294967295");
}

TEST_F(UnixSocket, GoesWithItsFile)
{
    {
        const auto listener = listen_at(path);
        ASSERT_TRUE(listener);
        EXPECT_TRUE(answers());
    }
    EXPECT_FALSE(is_there());
}

TEST_F(UnixSocket, LeavesTheFileOfAnotherAlone)
{
    auto first = listen_at(path);
    ASSERT_TRUE(first);
    first->socket.reset(); // a gateway that drains answers no more
    const auto second = listen_at(path);
    ASSERT_TRUE(second) << second.error();
    first->file = UnixFile();
    EXPECT_TRUE(answers());
}

TEST_F(UnixSocket, StaysWhereAnotherProcessAnswersFromNowOn)
{
    auto listener = listen_at(path);
    ASSERT_TRUE(listener);
    listener->file.leave();
    listener->file = UnixFile();
    EXPECT_TRUE(answers());
}

TEST_F(UnixSocket, ReplacesTheFileOfADeadProcess)
{
    {
        auto listener = listen_at(path);
        ASSERT_TRUE(listener);
        listener->file.leave();
    }
    ASSERT_TRUE(is_there());
    ASSERT_FALSE(answers());
    const auto listener = listen_at(path);
    ASSERT_TRUE(listener) << listener.error();
    EXPECT_TRUE(answers());
}

TEST_F(UnixSocket, SaysWhyItCannotListen)
{
    const auto taken = listen_at(path);
    ASSERT_TRUE(taken);
    const auto file = folder + "/file";
    std::ofstream(file) << "not to be lost";
    const auto longest = folder + "/" + std::string(longest_unix_path - folder.size() - 1, 'x');

    struct Case {
        const char* name;
        std::string path;
        const char* expected;
    };

    const Case cases[] = {
        {"somebody answers",       path,                           "in use by another process"            },
        {"a file of another kind", file,                           "no socket"                            },
        {"no folder",              folder + "/nowhere/admin.sock", "No such file or directory"            },
        {"a byte too long",        longest + "x",                  "108 bytes, and a socket's at most 107"},
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.name);
        const auto listener = listen_at(each.path);
        ASSERT_FALSE(listener);
        EXPECT_THAT(listener.error(), HasSubstr(each.path));
        EXPECT_THAT(listener.error(), HasSubstr(each.expected));
    }
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_TRUE(listen_at(longest));
    EXPECT_EQ(dial_unix(longest + "x", 1s).error(), std::errc::filename_too_long);
}

} // namespace
} // namespace gatehouse::gateway
