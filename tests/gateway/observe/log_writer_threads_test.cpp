#include "gateway/observe/log_writer.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <thread>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t workers = 3;
constexpr int lines_each = 2000;

TEST(LogWriter, KeepsEveryThreadsLinesWholeAndInOrder)
{
    test::LogPipe pipe;
    std::array<std::size_t, workers> pushed{};
    std::string all;
    {
        std::thread reader{[&] { all = pipe.read_all(); }};
        {
            // A small ring, so that lines wrap around its end and some find no room.
            LogWriter writer{pipe.writer(), workers, {.lane_bytes = 8192}};
            std::vector<std::thread> threads;
            for (std::size_t w = 0; w < workers; ++w) {
                threads.emplace_back([&, w] {
                    for (int i = 0; i < lines_each; ++i) {
                        const auto line = "w" + std::to_string(w) + " " + std::to_string(i) + "\n";
                        pushed[w] += writer.lane(w).push(line) ? 1U : 0U;
                    }
                });
            }
            for (int s = 0; s < 2; ++s) {
                threads.emplace_back([&] {
                    for (int i = 0; i < 100; ++i) writer.say("said");
                });
            }
            for (auto& thread : threads) thread.join();
            EXPECT_EQ(writer.dropped(), 0U);
        }
        pipe.close_writer();
        reader.join();
    }
    std::map<std::string, int> last;
    std::map<std::string, std::size_t> seen;
    std::istringstream lines{all};
    for (std::string line; std::getline(lines, line);) {
        const auto who = line.substr(0, line.find(' '));
        ++seen[who];
        if (who == "said") continue;
        ASSERT_TRUE(who.size() == 2 && who[0] == 'w') << line;
        const int number = std::stoi(line.substr(3));
        EXPECT_TRUE(!last.contains(who) || number > last[who]) << line;
        last[who] = number;
    }
    EXPECT_EQ(seen["said"], 200U);
    for (std::size_t w = 0; w < workers; ++w) EXPECT_EQ(seen["w" + std::to_string(w)], pushed[w]);
}

TEST(LogWriter, WakesForALineAfterSilence)
{
    test::LogPipe pipe;
    LogWriter writer{pipe.writer(), 1};
    for (const std::string line : {"first\n", "second\n", "third\n"}) {
        ASSERT_TRUE(writer.lane(0).push(line));
        EXPECT_EQ(pipe.read_some(), line); // comes although no other line follows
    }
}

TEST(LogWriter, DoesNotLetARingFillUpWhileLinesGather)
{
    test::LogPipe pipe;
    LogWriter writer{
        pipe.writer(), 1, {.lane_bytes = 1024, .gathering = std::chrono::hours{24}}
    };
    const std::string line(127, 'x');
    ASSERT_TRUE(writer.lane(0).push(line + "\n")); // written at once, and then lines gather
    EXPECT_EQ(pipe.read_some(), line + "\n");
    for (int i = 0; i < 20; ++i) { // more than a ring
        std::string half;
        for (int j = 0; j < 4; ++j) {
            ASSERT_TRUE(writer.lane(0).push(line + "\n"));
            half += line + "\n";
        }
        std::string read;
        while (read.size() < half.size()) read += pipe.read_some();
        EXPECT_EQ(read, half);
    }
}

TEST(LogWriter, OutlivesAReaderThatWentAway)
{
    test::LogPipe pipe;
    LogWriter writer{pipe.writer(), 1, {.lane_bytes = 1024}};
    pipe.close_reader();
    const std::string line(100, 'x');
    int accepted = 0;
    // Far more than fits: the writer throws away what nobody can read.
    while (accepted < 200) accepted += writer.lane(0).push(line) ? 1 : 0;
    EXPECT_EQ(accepted, 200);
}

} // namespace
} // namespace gatehouse::gateway
