#include "config/environment/read_file.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ReadingAFile : public testing::Test {
protected:
    ReadingAFile()
    {
        std::string made = fs::temp_directory_path() / "read-file-XXXXXX";
        folder = ::mkdtemp(made.data());
    }

    ~ReadingAFile() override { fs::remove_all(folder); }

    fs::path folder;
};

TEST_F(ReadingAFile, TakesAllOfItUpToItsLimit)
{
    std::ofstream(folder / "five") << "12345";
    EXPECT_EQ(*read_file(folder / "five", 5), "12345");
    EXPECT_EQ(read_file(folder / "five", 4).error().message, "has more bytes than 4");
    EXPECT_THAT(read_file(folder / "none", 4).error().message, testing::HasSubstr("No such file"));
    EXPECT_THAT(read_file(folder, 4).error().message, testing::HasSubstr("Is a directory"));
}

TEST_F(ReadingAFile, ReadsWhatAProgramWritesToAPipeInItsOwnTime)
{
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    std::thread program([&] {
        for (const auto* piece : {"one ", "two"}) {
            std::this_thread::yield();
            EXPECT_GT(::write(ends[1], piece, std::char_traits<char>::length(piece)), 0);
        }
        ::close(ends[1]);
    });
    const auto read = read_file("/dev/fd/" + std::to_string(ends[0]), 100);
    program.join();
    ::close(ends[0]);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, "one two");
}

TEST_F(ReadingAFile, DoesNotWaitForEverForAPipeThatNobodyWritesTo)
{
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(folder / "pipe", 5, 20ms).error().message,
              "cannot be read: nobody writes to it");
}

} // namespace
} // namespace gatehouse::config
