#include "gateway/sandbox/landlock.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/sandbox/in_a_child.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

namespace fs = std::filesystem;
using Use = WritablePlace::Use;

/// Two folders with a file each.
class Landlock : public testing::Test {
protected:
    void SetUp() override
    {
        if (errors_in_a_child(writing_in({}), {[] { return 0L; }}).empty()) {
            GTEST_SKIP() << "this kernel has no Landlock";
        }
        for (const auto* folder : {"ours", "theirs"}) {
            fs::create_directories(root_ / folder / "empty");
            std::ofstream(root_ / folder / "file") << "text";
        }
    }

    [[nodiscard]] std::string in(const std::string& path) const { return (root_ / path).string(); }

    [[nodiscard]] std::function<bool()> writing_in(std::vector<WritablePlace> places) const
    {
        return [places = std::move(places)] { return write_only_in(places).has_value(); };
    }

private:
    const TemporaryFolder root_;
};

std::function<long()> opening(const std::string& path, int flags)
{
    return [path, flags] { return long{::open(path.c_str(), flags | O_CLOEXEC, 0600)}; };
}

long bind_at(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

TEST_F(Landlock, WritesInTheNamedFolderAlone)
{

    struct Case {
        const char* name;
        std::function<long()> attempt;
        int expected;
    };

    const auto from = in("ours/made");
    const auto to = in("ours/renamed");
    const auto linked = in("ours/linked");
    const auto away = in("theirs/moved");
    const auto foreign = in("theirs/file");
    const auto folder = in("theirs/empty");
    const std::vector<Case> cases{
        {"making a file", opening(from, O_WRONLY | O_CREAT | O_EXCL), 0},
        {"writing one", opening(in("ours/file"), O_RDWR), 0},
        {"emptying one", opening(in("ours/file"), O_WRONLY | O_TRUNC), 0},
        {"renaming it", [=] { return ::rename(from.c_str(), to.c_str()); }, 0},
        {"linking it", [=] { return ::link(to.c_str(), linked.c_str()); }, 0},
        {"removing it", [=] { return ::unlink(linked.c_str()); }, 0},
        {"a socket", [=, this] { return bind_at(in("ours/socket")); }, 0},
        {"moving it elsewhere", [=] { return ::rename(to.c_str(), away.c_str()); }, EACCES},
        {"making one elsewhere", opening(in("theirs/made"), O_WRONLY | O_CREAT), EACCES},
        {"writing one elsewhere", opening(foreign, O_RDWR), EACCES},
        {"emptying one elsewhere", [=] { return ::truncate(foreign.c_str(), 0); }, EACCES},
        {"removing one elsewhere", [=] { return ::unlink(foreign.c_str()); }, EACCES},
        {"removing a folder", [=] { return ::rmdir(folder.c_str()); }, EACCES},
        {"a socket elsewhere", [=, this] { return bind_at(in("theirs/socket")); }, EACCES},
        {"reading anything", opening(foreign, O_RDONLY), 0},
        {"looking into folders", opening(in("theirs"), O_RDONLY | O_DIRECTORY), 0},
        {"running a program", [] { return ::execl("/bin/true", "true", nullptr); }, EACCES},
        {"a folder", [=, this] { return ::mkdir(in("ours/new").c_str(), 0700); }, EACCES},
        {"a link to anywhere", [=, this] { return ::symlink("/etc", in("ours/etc").c_str()); },
         EACCES},
    };
    std::vector<std::function<long()>> attempts;
    for (const auto& c : cases) attempts.push_back(c.attempt);
    const auto errors = errors_in_a_child(writing_in({
                                              {in("ours"), Use::files_in}
    }),
                                          attempts);
    ASSERT_EQ(errors.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_EQ(errors[i], cases[i].expected) << cases[i].name;
    }
}

TEST_F(Landlock, OneFileOrTheEndOfAFolderCanBeAllTheRightThereIs)
{
    const auto folder = in("theirs/empty");
    const auto errors = errors_in_a_child(
        writing_in({
            {in("ours/file"), Use::file      },
            {in("theirs"),    Use::folders_in},
            {in("nowhere"),   Use::files_in  }, // passed over
    }),
        {opening(in("ours/file"), O_WRONLY), opening(in("ours/other"), O_WRONLY | O_CREAT),
         [=] { return ::rmdir(folder.c_str()); }, opening(in("theirs/file"), O_WRONLY)});
    EXPECT_EQ(errors, (std::vector{0, EACCES, 0, EACCES}));
}

TEST_F(Landlock, HoldsInThreadsStartedAfterwards)
{
    const auto path = in("theirs/file");
    const auto errors =
        errors_in_a_child(writing_in({
                              {in("ours"), Use::files_in}
    }),
                          {[path] {
                              int error = 0;
                              std::thread([&] {
                                  error =
                                      ::open(path.c_str(), O_WRONLY | O_CLOEXEC) < 0 ? errno : 0;
                              }).join();
                              errno = error;
                              return error == 0 ? 0L : -1L;
                          }});
    EXPECT_EQ(errors, std::vector{EACCES});
}

} // namespace
} // namespace gatehouse::gateway::test
