#include "gateway/issuers/issuer_watch.hpp"
#include "tests/auth/tokens/foreign_fixture.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using auth::testing::OtherIssuer;

/// An issuer that answers as it is told, and a gateway that hears of it.
class IssuerWatchTest : public testing::Test {
protected:
    IssuerWatchTest()
    {
        other.settings.jwks.cooldown = 1s;
        settings.issuers = {
            {"idp", other.settings}
        };
        IssuerWatch::Rooms rooms;
        rooms.ask = [this](const config::IssuerSettings& issuer,
                           const std::function<bool()>& give_up) {
            std::unique_lock lock(mutex);
            ++asked;
            ++asked_of[issuer.issuer];
            changed.notify_all();
            const auto waits = [&] { return hangs || issuer.issuer == hanging; };
            while (waits() && !give_up()) changed.wait_for(lock, 10ms);
            KeyAnswer answer;
            if (waits() || published.empty()) {
                answer.why = "HTTP 500";
                return answer;
            }
            answer.keys = *auth::keys_in_jwks(published, issuer);
            answer.published = published;
            return answer;
        };
        rooms.on_change = [this](const std::shared_ptr<const auth::FetchedKeys>& keys) {
            const std::scoped_lock lock(mutex);
            books.push_back(keys);
            changed.notify_all();
        };
        rooms.tell = [this](const IssuerNews& one) {
            const std::scoped_lock lock(mutex);
            news.push_back(one);
            changed.notify_all();
        };
        watch = std::make_unique<IssuerWatch>(std::move(rooms));
    }

    template <class Condition>
    [[nodiscard]] bool until(Condition condition)
    {
        std::unique_lock lock(mutex);
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() >= deadline) return false;
            changed.wait_for(lock, 20ms); // not all that is waited for is told
        }
        return true;
    }

    /// Its answers are late; "": nobody's.
    void hold(const std::string& issuer)
    {
        const std::scoped_lock lock(mutex);
        hanging = issuer;
    }

    /// After a moment, if not yet.
    [[nodiscard]] bool has_asked(const std::string& issuer, unsigned times)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 20ms, [&] { return asked_of[issuer] >= times; });
    }

    void publish(const std::vector<auth::jose::Key::Pointer>& keys)
    {
        const std::scoped_lock lock(mutex);
        published = OtherIssuer::jwks(keys);
    }

    OtherIssuer other;
    config::Settings settings;
    std::mutex mutex;
    std::condition_variable changed;
    std::string published;
    bool hangs = false;
    std::string hanging; // this one alone
    unsigned asked = 0;
    std::map<std::string, unsigned> asked_of;
    std::deque<std::shared_ptr<const auth::FetchedKeys>> books;
    std::deque<IssuerNews> news;
    std::unique_ptr<IssuerWatch> watch; // last: its thread uses all of the above
};

TEST_F(IssuerWatchTest, FetchesAtTheStartAndHandsOut)
{
    publish({other.key});
    watch->use(settings);
    ASSERT_TRUE(until([&] { return !books.empty() && !news.empty(); }));
    EXPECT_TRUE(books.front()->contains(auth::key_source_of(other.settings)));
    EXPECT_EQ(news.front().what, IssuerNews::What::well);
    const auto facts = watch->facts();
    ASSERT_EQ(facts.size(), 1U);
    EXPECT_EQ(facts[0].name, "idp");
    EXPECT_EQ(facts[0].keys, 1U);
    EXPECT_EQ(facts[0].fetched, 1U);
    EXPECT_TRUE(facts[0].age_seconds);
}

TEST_F(IssuerWatchTest, FetchesAgainForAKeyThatATokenNames)
{
    publish({other.key});
    watch->use(settings);
    ASSERT_TRUE(until([&] { return books.size() == 1; }));
    publish({other.key, auth::jose::Key::generate(auth::jose::Algorithm::es256)});
    const auto source = auth::key_source_of(other.settings);
    // Not in the cooldown: the same token comes again, as tokens do.
    std::unique_lock lock(mutex);
    while (books.size() < 2) {
        lock.unlock();
        watch->wishes().note(source, "new");
        lock.lock();
        changed.wait_for(lock, 20ms);
    }
    EXPECT_EQ(books.back()->at(source)->size(), 2U);
}

TEST_F(IssuerWatchTest, KeepsKeysOfAnIssuerThatIsDownUntilTheyAreStale)
{
    publish({other.key});
    settings.issuers.at("idp").jwks.refresh = 1s;
    settings.issuers.at("idp").jwks.stale_for = 8s;
    watch->use(settings);
    ASSERT_TRUE(until([&] { return books.size() == 1; }));
    {
        const std::scoped_lock lock(mutex);
        published.clear();
    }
    ASSERT_TRUE(until([&] { return asked >= 3; }));
    EXPECT_EQ(watch->facts()[0].keys, 1U);
    EXPECT_GT(watch->facts()[0].failures, 0U);
    ASSERT_TRUE(until([&] { return books.size() == 2; }));
    EXPECT_TRUE(books.back()->empty()) << "nobody vouches for them any more";
    ASSERT_TRUE(until([&] { return news.back().what == IssuerNews::What::stale; }));
    publish({other.key});
    ASSERT_TRUE(until([&] { return books.size() == 3; }));
    EXPECT_EQ(books.back()->size(), 1U);
}

TEST_F(IssuerWatchTest, EndsWhileAnIssuerHangs)
{
    hangs = true;
    watch->use(settings);
    ASSERT_TRUE(until([&] { return asked == 1; }));
    watch->stop();
    EXPECT_TRUE(books.empty());
}

TEST_F(IssuerWatchTest, AsksOthersWhileAnIssuerHangsAndThatOneOnce)
{
    publish({other.key});
    auto silent = other.settings;
    silent.issuer = hanging = "https://hangs.example.com"; // due first, for it stands first
    settings.issuers.emplace("silent", silent);
    watch->use(settings);
    ASSERT_TRUE(until([&] { return asked_of.contains(hanging); }));
    ASSERT_TRUE(until([&] { return books.size() == 1; }));
    const auto source = auth::key_source_of(other.settings);
    for (std::size_t count = 2; count < 4; ++count) {
        publish(std::vector(count, other.key));
        std::unique_lock lock(mutex);
        while (books.size() < count) {
            lock.unlock();
            watch->wishes().note(source, "new " + std::to_string(count));
            watch->wishes().note(auth::key_source_of(silent), "new");
            watch->use(settings);
            lock.lock();
            changed.wait_for(lock, 20ms);
        }
    }
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(asked_of[hanging], 1U);
    EXPECT_TRUE(books.back()->contains(source));
}

TEST_F(IssuerWatchTest, HoldsNoKeyForMissingThatWasAskedForDuringAFetch)
{
    publish({other.key});
    auto second = other.settings;
    second.issuer = "https://second.example.com"; // whose thread is free to hear wishes
    settings.issuers.emplace("second", second);
    watch->use(settings);
    ASSERT_TRUE(until([&] { return !books.empty() && books.back()->size() == 2; }));
    hold(other.settings.issuer);
    settings.issuers.at("idp").jwks.refresh = 11min; // other terms: fetched again
    watch->use(settings);
    ASSERT_TRUE(until([&] { return asked_of[other.settings.issuer] == 2; }));
    const auto source = auth::key_source_of(other.settings);
    // It has heard of the one when it asks for the other, and neither is in its cooldown then.
    for (unsigned heard = 0; !has_asked(second.issuer, 3); ++heard) {
        ASSERT_LT(heard, 1000U);
        watch->wishes().note(source, "new");
        watch->wishes().note(auth::key_source_of(second), "new " + std::to_string(heard));
    }
    hold("");
    ASSERT_TRUE(until([&] { return watch->facts().front().fetched == 2; }));

    publish({other.key, auth::jose::Key::generate(auth::jose::Algorithm::es256)});
    EXPECT_TRUE(until([&] {
        watch->wishes().note(source, "new");
        return books.back()->at(source)->size() == 2;
    }));
}

TEST_F(IssuerWatchTest, ForgetsWhomTheSettingsNameNoMore)
{
    publish({other.key});
    watch->use(settings);
    ASSERT_TRUE(until([&] { return books.size() == 1; }));
    watch->use({});
    EXPECT_TRUE(watch->facts().empty());
    watch->use(settings);
    EXPECT_TRUE(until([&] { return books.size() == 2; }));
}

} // namespace
} // namespace gatehouse::gateway
