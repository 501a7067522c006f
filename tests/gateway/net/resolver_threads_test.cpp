#include "gateway/net/resolver.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

class Listener final : public Wakeable {
public:
    void wake() noexcept override { ++woken; }

    int woken = 0;
};

/// Names of which some hang until they are let go.
class Names {
public:
    ~Names() { release(); }

    void hang(const std::string& name)
    {
        const std::scoped_lock lock(mutex_);
        hanging_.insert(name);
    }

    void release()
    {
        const std::scoped_lock lock(mutex_);
        hanging_.clear();
        changed_.notify_all();
    }

    std::vector<SocketAddress> ask(const HostPort& where)
    {
        std::unique_lock lock(mutex_);
        ++asked_[where.host];
        changed_.notify_all();
        changed_.wait(lock, [&] { return !hanging_.contains(where.host); });
        if (where.host == "unknown") return {};
        return {*SocketAddress::parse("127.0.0.1", where.port)};
    }

    int times_asked(const std::string& name)
    {
        const std::scoped_lock lock(mutex_);
        return asked_[name];
    }

    /// Until `count` questions for it have begun.
    void await(const std::string& name, int count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 20s, [&] { return asked_[name] >= count; });
        EXPECT_EQ(asked_[name], count);
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> hanging_;
    std::map<std::string, int> asked_;
};

struct Room {
    Names names; // first, and so gone last
    asio::io_context io;
    Listener listener;
    Resolver resolver{io, [this](const HostPort& where) { return names.ask(where); }};

    std::shared_ptr<Resolver::Answer> ask(const std::string& name)
    {
        return resolver.ask({name, 80}, listener);
    }

    void run_until(const Resolver::Answer& answer)
    {
        io.restart();
        while (!answer.done && io.run_one_for(20s) != 0) {
        }
    }

    ~Room() { names.release(); }
};

TEST(Resolver, AnswersWhoAsksAndWakesThem)
{
    Room room;
    const auto answer = room.ask("web");
    EXPECT_FALSE(answer->done);
    room.run_until(*answer);
    ASSERT_TRUE(answer->done);
    EXPECT_EQ(answer->addresses.size(), 1U);
    EXPECT_EQ(room.listener.woken, 1);
    const auto unknown = room.ask("unknown");
    room.run_until(*unknown);
    EXPECT_TRUE(unknown->done);
    EXPECT_TRUE(unknown->addresses.empty());
}

TEST(Resolver, LetsNoNameWaitForAnotherThatHangs)
{
    Room room;
    room.names.hang("silent");
    const auto silent = room.ask("silent");
    room.names.await("silent", 1);
    const auto answer = room.ask("web");
    room.run_until(*answer);
    EXPECT_TRUE(answer->done);
    EXPECT_FALSE(silent->done);
    room.names.release();
    room.run_until(*silent);
    EXPECT_TRUE(silent->done);
}

TEST(Resolver, AsksOnceForAllThatWaitForOneName)
{
    Room room;
    room.names.hang("silent");
    std::vector<std::shared_ptr<Resolver::Answer>> answers;
    for (int i = 0; i < 1000; ++i) answers.push_back(room.ask("silent"));
    const auto other = room.ask("web"); // a thousand questions left a thread for it
    room.run_until(*other);
    EXPECT_TRUE(other->done);
    room.names.release();
    room.run_until(*answers.back());
    EXPECT_EQ(room.names.times_asked("silent"), 1);
    for (const auto& answer : answers) EXPECT_EQ(answer->addresses.size(), 1U);
    EXPECT_EQ(room.listener.woken, 1001);
    const auto again = room.ask("silent"); // an answer is not kept
    room.run_until(*again);
    EXPECT_EQ(room.names.times_asked("silent"), 2);
}

TEST(Resolver, WakesNobodyWhoGaveUp)
{
    Room room;
    room.names.hang("silent");
    const auto gone = room.ask("silent");
    gone->whom = nullptr;
    const auto stays = room.ask("silent");
    room.names.release();
    room.run_until(*stays);
    EXPECT_EQ(room.listener.woken, 1);
}

TEST(Resolver, LetsNamesWaitInLineOnceEveryThreadHangs)
{
    Room room;
    for (std::size_t i = 0; i < Resolver::most_threads; ++i) {
        const auto name = "silent" + std::to_string(i);
        room.names.hang(name);
        (void)room.ask(name);
        room.names.await(name, 1);
    }
    const auto answer = room.ask("web");
    EXPECT_EQ(room.io.poll(), 0U);
    EXPECT_EQ(room.names.times_asked("web"), 0);
    room.names.release();
    room.run_until(*answer);
    EXPECT_TRUE(answer->done);
}

TEST(Resolver, AsksTheSystemWhenNothingElseIsSaid)
{
    asio::io_context io;
    Listener listener;
    Resolver resolver(io);
    const auto answer = resolver.ask({"127.0.0.1", 8080}, listener);
    io.run_for(20s);
    ASSERT_TRUE(answer->done);
    ASSERT_EQ(answer->addresses.size(), 1U);
    EXPECT_EQ(AddressText(answer->addresses.front()).view(), "127.0.0.1");
}

} // namespace
} // namespace gatehouse::gateway
