#include "auth/store/memory/memory_store.hpp"
#include "auth/tokens/key_seal.hpp"
#include "auth/tokens/key_store.hpp"
#include "gateway/runtime/key_tender.hpp"
#include "tests/auth/tokens/forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace gatehouse::gateway {
namespace {

using namespace auth::testing;
using testing::ElementsAre;
using testing::IsEmpty;

/// Counts the rotations it is told of.
struct RotationLog final : auth::SecurityLog {
    void record(const auth::SecurityEvent& event) noexcept override
    {
        rotations += event.kind == auth::SecurityEventKind::key_rotate ? 1 : 0;
    }

    int rotations = 0;
};

/// One gateway's keys and their tender, over a store that others share.
struct Replica {
    Replica(auth::Store& store, const auth::Clock& clock, const config::TokenSettings& settings,
            std::unique_ptr<auth::KeyPlace> place)
        : keys(*auth::KeyKeeper::open(settings, std::move(place), clock)),
          tender(
              {*keys, store, clock, log}, [this] { ++new_rings; },
              [this](std::string_view why, std::uint64_t) { complaints.emplace_back(why); })
    {
    }

    std::unique_ptr<auth::KeyKeeper> keys;
    RotationLog log;
    int new_rings = 0;
    std::vector<std::string> complaints;
    KeyTender tender;
};

class KeyTending : public testing::Test {
protected:
    KeyTending() { settings.rotate_every = 24h; }

    [[nodiscard]] std::unique_ptr<auth::KeyPlace> in_store()
    {
        auto seal = auth::KeySeal::make(Secret(std::string(32, 's')), {});
        return std::make_unique<auth::KeyStore>(store, *std::move(seal), clock);
    }

    [[nodiscard]] std::size_t announcements() { return store.changes_after(0, 100)->size(); }

    auth::MemoryStore store;
    StoppedClock clock;
    config::TokenSettings settings;
};

TEST_F(KeyTending, RotatesWhenItIsTimeAndTellsItsWorkers)
{
    Replica one(store, clock, settings, in_store());
    Replica two(store, clock, settings, in_store());
    one.tender.tend();
    EXPECT_EQ(one.new_rings, 0);
    clock.time += 24h;
    one.tender.tend();
    two.tender.tend();
    EXPECT_EQ(one.new_rings, 1);
    EXPECT_EQ(two.new_rings, 1);
    EXPECT_EQ(one.keys->ring()->jwks(clock.seconds()), two.keys->ring()->jwks(clock.seconds()));
    EXPECT_EQ(announcements(), 2U) << "made and rotated, each told by the store itself";
    EXPECT_EQ(one.log.rotations + two.log.rotations, 1) << "by the one that did it";
    EXPECT_THAT(one.complaints, IsEmpty());
}

TEST_F(KeyTending, AnnouncesKeysThatAreNotInTheStore)
{
    class Elsewhere final : public auth::KeyPlace {
    public:
        Result<std::optional<auth::KeySet>, auth::KeyError> read() override { return kept; }

        Result<auth::KeySet, auth::KeyError> update(const Change& change) override
        {
            if (auto changed = change(kept)) kept = std::move(changed);
            return *kept;
        }

        [[nodiscard]] Habits habits() const noexcept override { return {}; }

        std::optional<auth::KeySet> kept;
    };

    Replica one(store, clock, settings, std::make_unique<Elsewhere>());
    one.tender.tend();
    EXPECT_EQ(announcements(), 0U);
    clock.time += 24h;
    one.tender.tend();
    one.tender.tend();
    EXPECT_EQ(announcements(), 1U) << "once";
}

TEST_F(KeyTending, SaysOnceWhyKeysCannotBeRead)
{
    Replica one(store, clock, settings, in_store());
    ASSERT_TRUE(*store.replace_keys("token_keys", 1, "spoilt", noon));
    one.tender.tend();
    one.tender.tend();
    EXPECT_THAT(one.complaints, ElementsAre(testing::HasSubstr("a form that this version")));
    EXPECT_EQ(one.new_rings, 0);
}

TEST_F(KeyTending, TendsOnAThreadOfItsOwnUntilItIsStopped)
{
    std::promise<void> rang;
    auto keys = *auth::KeyKeeper::open(settings, in_store(), clock);
    RotationLog log;
    KeyTender tender({*keys, store, clock, log}, [&] { rang.set_value(); }, nullptr);
    clock.time += 24h;
    tender.start(1ms);
    rang.get_future().wait();
    tender.stop();
    EXPECT_EQ(keys->ring()->access_keys().size(), 3U);
}

} // namespace
} // namespace gatehouse::gateway
