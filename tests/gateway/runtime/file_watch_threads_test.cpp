#include "gateway/runtime/file_watch.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto patience = 30s;

std::string content_of(const fs::path& file)
{
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, std::string_view text)
{
    std::ofstream(file) << text;
}

/// How the kernel tells, and how it is found out where it does not: everything holds for both.
class Watching : public ::testing::TestWithParam<bool> {
protected:
    Watching()
    {
        file = folder / "gatehouse.yaml";
        write(file, "one");
    }

    ~Watching() override { watch.reset(); }

    void begin()
    {
        FileWatch::Pace pace;
        pace.quiet = 50ms;
        pace.quiet_while_open = 20s; // nobody takes so long between two pieces
        pace.longest = 1h;
        pace.use_inotify = GetParam();
        const std::vector<std::string> files{file};
        FileWatch::Rooms rooms;
        rooms.files = [files] { return files; };
        // Where the kernel tells nobody looks.
        rooms.poll = [] { return GetParam() ? 1h : std::chrono::milliseconds(20ms); };
        rooms.on_change = [this] {
            const std::scoped_lock lock(mutex);
            seen.push_back(fs::exists(file) ? content_of(file) : "gone");
            changed.notify_all();
        };
        watch = std::make_unique<FileWatch>(std::move(rooms), states_of(files), pace);
    }

    /// Waits until the last change that was told of showed this content.
    [[nodiscard]] bool sees(const std::string& content)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, patience,
                                [&] { return !seen.empty() && seen.back() == content; });
    }

    const TemporaryFolder folder;
    fs::path file;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> seen; // what the file held at each call
    std::unique_ptr<FileWatch> watch;
};

TEST_P(Watching, HearsOfAFileThatIsWrittenInPlace)
{
    begin();
    write(file, "two");
    EXPECT_TRUE(sees("two"));
}

TEST_P(Watching, HearsOfAFileThatIsReplacedAgainAndAgain)
{
    begin();
    for (const auto* text : {"two", "three", "four"}) {
        write(folder / "new", text);
        fs::rename(folder / "new", file);
        EXPECT_TRUE(sees(text));
    }
}

TEST_P(Watching, HearsOfAFileThatGoesAndComesBack)
{
    begin();
    fs::remove(file);
    EXPECT_TRUE(sees("gone"));
    write(file, "back");
    EXPECT_TRUE(sees("back"));
}

TEST_P(Watching, HearsOfALinkThatPointsElsewhere)
{
    // As a ConfigMap is mounted: file -> ..data/file, ..data -> ..1, and one rename swaps them.
    fs::remove(file);
    for (const auto* version : {"..1", "..2"}) {
        fs::create_directory(folder / version);
        write(folder / version / "gatehouse.yaml", version);
    }
    fs::create_symlink("..1", folder / "..data");
    fs::create_symlink("..data/gatehouse.yaml", file);
    begin();
    fs::create_symlink("..2", folder / "..data_tmp");
    fs::rename(folder / "..data_tmp", folder / "..data");
    fs::remove_all(folder / "..1");
    EXPECT_TRUE(sees("..2"));
}

TEST_P(Watching, ReadsAFileOnceThatIsWrittenInPieces)
{
    begin();
    {
        std::ofstream out(file);
        for (int i = 0; i < 20; ++i) {
            out << "piece " << std::flush;
        }
    }
    std::string whole;
    for (int i = 0; i < 20; ++i) whole += "piece ";
    EXPECT_TRUE(sees(whole));
    // Who only looks cannot tell a writer that rests from one that is done.
    if (GetParam()) EXPECT_EQ(seen.size(), 1U);
}

TEST_P(Watching, WaitsForNobodyWhoWorksInTheSameFolder)
{
    // As SQLite does, with its temporary files beside a store that lies beside the configuration.
    std::atomic<bool> enough{false};
    std::thread busy([&] {
        while (!enough) {
            write(folder / "temporary", "x");
            fs::remove(folder / "temporary");
        }
    });
    begin();
    for (const auto* text : {"two", "three"}) {
        write(file, text);
        EXPECT_TRUE(sees(text));
    }
    enough = true;
    busy.join();
}

TEST_P(Watching, HearsOfWhatChangedBeforeItBegan)
{
    const auto before = states_of({file});
    write(folder / "new", "two");
    fs::rename(folder / "new", file);
    FileWatch::Rooms rooms;
    rooms.files = [this] { return std::vector<std::string>{file}; };
    rooms.poll = [] { return 1h; };
    rooms.on_change = [this] {
        const std::scoped_lock lock(mutex);
        seen.push_back(content_of(file));
        changed.notify_all();
    };
    watch = std::make_unique<FileWatch>(std::move(rooms), before, FileWatch::Pace{});
    EXPECT_TRUE(sees("two"));
}

TEST_P(Watching, EndsAtOnceAlsoWhileItWaits)
{
    begin();
    const auto began = std::chrono::steady_clock::now();
    watch.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - began, patience);
    EXPECT_TRUE(seen.empty());
}

INSTANTIATE_TEST_SUITE_P(FileWatch, Watching, testing::Bool(),
                         [](const auto& told) { return told.param ? "told" : "looking"; });

} // namespace
} // namespace gatehouse::gateway
