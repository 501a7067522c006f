#include "gateway/runtime/name_watch.hpp"

#include <gtest/gtest.h>

#include <future>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Answer = Result<DnsAnswer, DnsFailure>;

TEST(NamePauses, FollowTheTtlWithinBounds)
{
    struct Case {
        const char* name;
        std::chrono::seconds ttl;
        std::chrono::milliseconds every;
        std::chrono::milliseconds expected;
    };

    const Case cases[] = {
        {"the TTL",                 5s,  30s, 5s },
        {"no later than told",      60s, 30s, 30s},
        {"no sooner than sensible", 0s,  30s, 1s },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(pause_after({{}, c.ttl}, c.every), c.expected);
    }
    EXPECT_EQ(pause_after_failure(30s), 5s);
    EXPECT_EQ(pause_after_failure(2s), 2s);
}

/// A watch whose answers the test gives, in order; the last one again and again.
class NameWatchTest : public testing::Test {
protected:
    NameWatch::Rooms rooms()
    {
        return {
            [this](const WatchedName& name) { return ask(name); },
            [this](const WatchedName& name) -> Answer {
                const std::scoped_lock lock(mutex_);
                const auto known = of_system_.find(name.host);
                return known == of_system_.end() ? DnsFailure::unknown : known->second;
            },
            [this](const auto& book) {
                const std::scoped_lock lock(mutex_);
                books_.push_back(book);
                changed_.notify_all();
            },
            [this](const WatchedName& name, std::optional<DnsFailure> failure) {
                const std::scoped_lock lock(mutex_);
                told_ += name.host + (failure ? " lost " : " found ");
                changed_.notify_all();
            },
        };
    }

    Answer ask(const WatchedName& name)
    {
        std::unique_lock lock(mutex_);
        ++asked_[name.host];
        changed_.notify_all();
        changed_.wait(lock, [&] { return name.host != silent_; });
        auto& answers = answers_[name.host];
        if (answers.empty()) return DnsFailure::unknown;
        auto answer = answers.front();
        if (answers.size() > 1) answers.erase(answers.begin());
        return answer;
    }

    template <class Condition>
    bool wait_for(Condition condition)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 30s, condition);
    }

    static Answer known(std::vector<std::string> addresses)
    {
        return DnsAnswer{std::move(addresses), 1s};
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<Answer>> answers_;
    std::map<std::string, Answer> of_system_;
    std::map<std::string, int> asked_;
    std::vector<std::shared_ptr<const NameBook>> books_;
    std::string told_;
    std::string silent_; // the name that hangs
};

TEST_F(NameWatchTest, TellsOfChangesAndKeepsTheLastGoodAnswer)
{
    answers_["web"] = {known({"10.0.0.1"}), DnsFailure::no_answer, DnsFailure::no_answer,
                       known({"10.0.0.1"}), known({"10.0.0.2"})};
    NameWatch watch(rooms());
    watch.use({
        {"web", {"web", "", 1s}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 2; }));
    watch.stop();
    EXPECT_EQ(books_[0]->at("web"), std::vector<std::string>{"10.0.0.1"});
    EXPECT_EQ(books_[1]->at("web"), std::vector<std::string>{"10.0.0.2"});
    EXPECT_EQ(told_, "web lost web found ");
}

TEST_F(NameWatchTest, AsksTheSystemForWhatDnsDoesNotKnow)
{
    answers_["web"] = {DnsFailure::unknown};
    of_system_.emplace("web", known({"10.0.0.9"}));
    NameWatch watch(rooms());
    watch.use({
        {"web", {"web", "", 1h}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 1; }));
    EXPECT_EQ(books_[0]->at("web"), std::vector<std::string>{"10.0.0.9"});
}

TEST_F(NameWatchTest, DoesNotTakeTheWordOfTheSystemWhileDnsThatKnewTheNameFails)
{
    answers_["web"] = {known({"10.0.0.1"}), DnsFailure::no_answer, known({"10.0.0.2"})};
    of_system_.emplace("web", known({"10.0.0.9"}));
    NameWatch watch(rooms());
    watch.use({
        {"web", {"web", "", 1s}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 2; }));
    watch.stop();
    EXPECT_EQ(books_[1]->at("web"), std::vector<std::string>{"10.0.0.2"});
    EXPECT_EQ(told_, "web lost web found ");
}

TEST_F(NameWatchTest, AsksTheSystemWhereDnsHasNeverAnswered)
{
    answers_["web"] = {DnsFailure::no_answer};
    of_system_.emplace("web", known({"10.0.0.9"}));
    NameWatch watch(rooms());
    watch.use({
        {"web", {"web", "", 1s}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 1 && asked_["web"] > 1; }));
    watch.stop();
    EXPECT_EQ(told_, "");
}

TEST_F(NameWatchTest, FollowsWhatIsWanted)
{
    answers_["a"] = {known({"10.0.0.1"})};
    answers_["b"] = {known({"10.0.0.2"})};
    NameWatch watch(rooms());
    watch.use({});
    watch.use({
        {"a", {"a", "", 1h}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 1; }));
    watch.use({
        {"b", {"b", "", 1h}}
    });
    ASSERT_TRUE(wait_for([&] { return books_.size() == 2; }));
    EXPECT_FALSE(books_[1]->contains("a"));
    EXPECT_TRUE(books_[1]->contains("b"));
    EXPECT_EQ(asked_["a"], 1);
}

TEST_F(NameWatchTest, AsksForOthersWhileANameHangs)
{
    answers_["web"] = {known({"10.0.0.1"}), known({"10.0.0.2"})};
    silent_ = "silent";
    NameWatch watch(rooms());
    watch.use({
        {"silent", {"silent", "", 1s}},
        {"web",    {"web", "", 1s}   }
    });
    EXPECT_TRUE(wait_for([&] { return books_.size() == 2; }));
    EXPECT_EQ(asked_["silent"], 1);
    {
        const std::scoped_lock lock(mutex_);
        silent_.clear();
        changed_.notify_all();
    }
    EXPECT_TRUE(wait_for([&] { return asked_["silent"] == 2; })); // and goes on with it
}

} // namespace
} // namespace gatehouse::gateway
