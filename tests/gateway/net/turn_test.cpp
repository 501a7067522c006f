#include "gateway/net/turn.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace gatehouse::gateway {
namespace {

/// Writes down what happens, in order.
class TurnTest : public testing::Test {
protected:
    struct Sleeper final : Wakeable {
        Sleeper(TurnTest& owner, char sign) : test(owner), name(sign) {}

        void wake() noexcept override
        {
            test.story += std::string("wake ") + name + " ";
            if (on_wake) on_wake();
        }

        TurnTest& test;
        char name;
        std::function<void()> on_wake;
    };

    struct Message final : Turn::Place {
        Message(TurnTest& owner, char sign, bool tells) : test(owner), name(sign), tell(tells) {}

        bool send() noexcept override
        {
            test.story += std::string("send ") + name + " ";
            return tell;
        }

        TurnTest& test;
        char name;
        bool tell;
    };

    asio::io_context io{1};
    Turn turn{io};
    std::string story;
    Sleeper a{*this, 'a'};
    Sleeper b{*this, 'b'};
};

TEST_F(TurnTest, SendsAllThenWakesInTheOrderOfAsking)
{
    Message first(*this, '1', true);
    Message second(*this, '2', true);
    turn.send_at_end(second, b);
    turn.send_at_end(first, a);
    EXPECT_EQ(story, "");
    io.run();
    EXPECT_EQ(story, "send 2 send 1 wake b wake a ");
}

TEST_F(TurnTest, WakesNobodyWhoNeedNotKnow)
{
    Message quiet(*this, '1', false);
    Message told(*this, '2', true);
    turn.send_at_end(quiet, a);
    turn.send_at_end(told, b);
    io.run();
    EXPECT_EQ(story, "send 1 send 2 wake b ");
    EXPECT_FALSE(quiet.is_linked());
    EXPECT_FALSE(told.is_linked());
}

TEST_F(TurnTest, ComesBehindAllThatIsReady)
{
    Message message(*this, '1', false);
    boost::asio::post(io, [&] { turn.send_at_end(message, a); });
    boost::asio::post(io, [&] { story += "another "; });
    io.run();
    EXPECT_EQ(story, "another send 1 ");
}

TEST_F(TurnTest, KeepsWhoAsksWhileItEndsForTheNextTurn)
{
    Message first(*this, '1', true);
    Message second(*this, '2', true);
    a.on_wake = [&] {
        a.on_wake = nullptr;
        turn.send_at_end(first, a); // its next message
    };
    turn.send_at_end(first, a);
    turn.send_at_end(second, b);
    io.run();
    EXPECT_EQ(story, "send 1 send 2 wake a wake b send 1 wake a ");
}

TEST_F(TurnTest, SendsNothingOfWhoHasGone)
{
    std::optional<Message> gone(std::in_place, *this, '1', true);
    Message left(*this, '2', true);
    turn.send_at_end(*gone, a);
    turn.send_at_end(left, b);
    gone.reset();
    left.unlink();
    io.run();
    EXPECT_EQ(story, "");
}

TEST_F(TurnTest, WakesNobodyWhoWentWhileOthersWereWoken)
{
    Message first(*this, '1', true);
    std::optional<Message> second(std::in_place, *this, '2', true);
    a.on_wake = [&] { second.reset(); };
    turn.send_at_end(first, a);
    turn.send_at_end(*second, b);
    io.run();
    EXPECT_EQ(story, "send 1 send 2 wake a ");
}

TEST_F(TurnTest, WakesWhoPausesBehindAllThatIsReadyUnlessItHasGone)
{
    Turn::Pause pause;
    std::optional<Turn::Pause> gone(std::in_place);
    boost::asio::post(io, [&] {
        turn.send_at_end(pause, a);
        turn.send_at_end(*gone, b);
    });
    boost::asio::post(io, [&] { gone.reset(); });
    boost::asio::post(io, [&] { story += "another "; });
    io.run();
    EXPECT_EQ(story, "another wake a ");
}

TEST_F(TurnTest, IsNoHandlerOfItsOwnThatTheLoopWouldLookAroundFor)
{
    Message message(*this, '1', true);
    boost::asio::post(io, [&] { turn.send_at_end(message, a); });
    EXPECT_EQ(io.run(), 1U);
    EXPECT_EQ(story, "send 1 wake a ");
}

TEST_F(TurnTest, DoesNotLetTheLoopSleepOverWhatAWakeHasQueued)
{
    Message message(*this, '1', true);
    const auto never_idle = boost::asio::make_work_guard(io);
    a.on_wake = [&] {
        boost::asio::post(io, [&] {
            story += "went on";
            io.stop();
        });
    };
    turn.send_at_end(message, a);
    io.run();
    EXPECT_EQ(story, "send 1 wake a went on");
}

TEST_F(TurnTest, LeavesALoopThatGoesOn)
{
    asio::io_context other{1};
    {
        const Turn gone(other);
    }
    boost::asio::post(other, [&] { story += "went on"; });
    other.run();
    EXPECT_EQ(story, "went on");
}

TEST_F(TurnTest, HasOnePlaceForEachMessage)
{
    Message message(*this, '1', false);
    turn.send_at_end(message, a);
    turn.send_at_end(message, a);
    io.run();
    EXPECT_EQ(story, "send 1 ");
}

TEST_F(TurnTest, TellsACrowdFromOneWhoAsksAgainAndAgain)
{
    using namespace std::chrono_literals;
    Turn::Time now{1h};
    EXPECT_FALSE(turn.is_close_behind(now)); // nobody came before
    EXPECT_TRUE(turn.is_close_behind(now += 5us));
    EXPECT_TRUE(turn.is_close_behind(now += 15us)); // behind the last, not the first
    EXPECT_FALSE(turn.is_close_behind(now += 40us));
    EXPECT_FALSE(turn.is_close_behind(now += 40us));
    EXPECT_TRUE(turn.is_close_behind(now += 5us));
}

} // namespace
} // namespace gatehouse::gateway
