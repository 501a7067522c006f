// Where lines go when they go to a file: renamed, full, gone.
#include "gateway/observe/log_writer.hpp"
#include "gateway/runtime/log_rooms.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

config::LogSettings into(const std::string& file)
{
    config::LogSettings settings;
    settings.file = file;
    return settings;
}

std::string content(const std::string& file)
{
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

/// What a writer told, and a wait for it.
class Told {
public:
    LogWriter::Tell listener()
    {
        return [this](const LogTrouble& trouble) {
            const std::scoped_lock lock(mutex_);
            ++count_[trouble.kind];
            lines_[trouble.kind] += trouble.lines;
            reason_ = trouble.reason;
            heard_.notify_all();
        };
    }

    bool wait_for(LogTrouble::Kind kind, int count = 1)
    {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, 30s, [&] { return count_[kind] >= count; });
    }

    bool wait_for_lines(LogTrouble::Kind kind, std::uint64_t lines)
    {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, 30s, [&] { return lines_[kind] == lines; });
    }

    std::string reason()
    {
        const std::scoped_lock lock(mutex_);
        return reason_;
    }

private:
    std::mutex mutex_;
    std::condition_variable heard_;
    std::map<LogTrouble::Kind, int> count_;
    std::map<LogTrouble::Kind, std::uint64_t> lines_;
    std::string reason_;
};

TEST(LogSink, SaysWhatIsWrongWithAFile)
{
    const TemporaryFolder folder;
    const auto missing = LogSink::open(into((folder / "none/gatehouse.log").string()));
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error(), HasSubstr("none/gatehouse.log: No such file or directory"));
    const auto pipe = (folder / "pipe").string();
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_FALSE(LogSink::open(into(pipe))) << "a pipe that nobody reads must not hold up a start";
}

TEST(LogSink, IsAppendedToAndForOwnerAndGroup)
{
    const TemporaryFolder folder;
    const auto file = (folder / "gatehouse.log").string();
    for (int i = 0; i < 2; ++i) {
        LogWriter writer(*LogSink::open(into(file)), 0);
        writer.say("line");
    }
    EXPECT_EQ(content(file), "line\nline\n");
    struct stat facts{};
    ASSERT_EQ(stat(file.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0137U, 0U) << "nothing for others, and nothing to run";
}

TEST(LogWriter, LosesAndCutsNoLineWhenItsFileIsRenamed)
{
    constexpr int rounds = 20;
    const TemporaryFolder folder;
    const auto file = (folder / "gatehouse.log").string();
    Told told;
    std::uint64_t pushed = 0;
    std::uint64_t refused = 0;
    {
        LogWriter writer(*LogSink::open(into(file)), 1, {.lane_bytes = 4096});
        writer.on_trouble(told.listener());
        std::atomic<bool> enough{false};
        std::thread busy([&] {
            while (!enough) {
                const auto line = "line " + std::to_string(pushed) + "\n";
                if (writer.lane(0).push(line)) {
                    ++pushed;
                } else {
                    ++refused;
                }
            }
        });
        for (int i = 0; i < rounds; ++i) {
            std::filesystem::rename(file, (folder / ("old." + std::to_string(i))).string());
            writer.reopen();
            ASSERT_TRUE(told.wait_for(LogTrouble::Kind::reopened, i + 1));
        }
        enough = true;
        busy.join();
        EXPECT_EQ(writer.dropped(), 0U);
    }
    std::string all;
    for (int i = 0; i < rounds; ++i) {
        const auto old = content((folder / ("old." + std::to_string(i))).string());
        EXPECT_TRUE(old.empty() || old.ends_with('\n')) << "a line was cut";
        all += old;
    }
    all += content(file);
    std::istringstream lines(all);
    std::uint64_t expected = 0;
    for (std::string line; std::getline(lines, line); ++expected)
        ASSERT_EQ(line, "line " + std::to_string(expected));
    EXPECT_EQ(expected, pushed) << refused << " found no room";
    EXPECT_GT(pushed, 0U);
}

TEST(LogWriter, GoesOnInTheOldFileWhereNoNewOneCanBeOpened)
{
    const TemporaryFolder folder;
    std::filesystem::create_directory((folder / "logs").string());
    const auto file = (folder / "logs/gatehouse.log").string();
    Told told;
    {
        LogWriter writer(*LogSink::open(into(file)), 0);
        writer.on_trouble(told.listener());
        std::filesystem::rename((folder / "logs").string(), (folder / "elsewhere").string());
        writer.reopen();
        ASSERT_TRUE(told.wait_for(LogTrouble::Kind::not_reopened));
        EXPECT_THAT(told.reason(), HasSubstr("No such file"));
        writer.say("after");
    }
    EXPECT_EQ(content((folder / "elsewhere/gatehouse.log").string()), "after\n");
}

TEST(LogWriter, CountsAndTellsWhatAFullDiskTakesNot)
{
    Told told;
    LogWriter writer(*LogSink::open(into("/dev/full")), 1);
    writer.on_trouble(told.listener());
    writer.say("one");
    ASSERT_TRUE(told.wait_for(LogTrouble::Kind::unwritable));
    EXPECT_EQ(told.reason(), "No space left on device");
    EXPECT_EQ(writer.dropped(), 1U);
}

TEST(LogWriter, TellsWhatTheRingHadNoRoomFor)
{
    test::LogPipe pipe;
    Told told;
    auto writer = std::make_unique<LogWriter>(pipe.writer(), 1, LogPace{.lane_bytes = 1024});
    writer->on_trouble(told.listener());
    // The pipe holds 64 KiB and nobody reads it.
    const std::string line(99, 'x');
    std::uint64_t refused = 0;
    for (int i = 0; i < 10'000; ++i) refused += writer->lane(0).push(line + "\n") ? 0U : 1U;
    ASSERT_GT(refused, 0U);
    std::thread reader([&] { (void)pipe.read_all(); });
    EXPECT_TRUE(told.wait_for_lines(LogTrouble::Kind::lost, refused)) << "in all, once it is read";
    writer.reset();
    pipe.close_writer();
    reader.join();
}

TEST(LogRooms, KeepsOtherLinesOutOfACombinedLog)
{
    const TemporaryFolder folder;
    const auto file = (folder / "access.log").string();
    auto settings = into(file);
    settings.format = config::LogFormat::combined;
    {
        LogRooms logs(settings, *LogSink::open(settings), 1);
        logs.events().say(config::LogLevel::info, "started", "the gateway serves");
        ASSERT_TRUE(logs.lines().lane(0).push("a request\n"));
    }
    EXPECT_EQ(content(file), "a request\n");
}

} // namespace
} // namespace gatehouse::gateway
