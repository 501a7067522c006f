#include "gateway/net/tls/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

const TicketKeys::Time noon{std::chrono::hours(12)};

TEST(TicketKeys, SealWithOneKeyForAsLongAsARotation)
{
    TicketKeys keys(60s);
    const auto first = keys.to_seal(noon);
    const auto same = keys.to_seal(noon + 59s);
    const auto next = keys.to_seal(noon + 60s);
    ASSERT_TRUE(first && same && next);
    EXPECT_EQ(first->name, same->name);
    EXPECT_NE(first->name, next->name);
    EXPECT_NE(first->cipher, next->cipher);
    EXPECT_NE(first->mac, next->mac);
}

TEST(TicketKeys, OpenWhatTheNewestAndTheOneBeforeHaveSealed)
{
    struct Case {
        const char* name;
        std::chrono::seconds later;
        bool opens;
        bool current;
    };

    const Case cases[] = {
        {"at once",                            0s,   true,  true },
        {"before the rotation",                59s,  true,  true },
        {"after one rotation",                 60s,  true,  false},
        {"before the next",                    119s, true,  false},
        {"after two",                          120s, false, false},
        {"after a night in which nobody came", 8h,   false, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        TicketKeys keys(60s);
        const auto sealed = keys.to_seal(noon);
        ASSERT_TRUE(sealed);
        const auto found = keys.to_open(sealed->name.data(), noon + c.later);
        ASSERT_EQ(found.has_value(), c.opens);
        if (found) EXPECT_EQ(found->current, c.current);
        if (found) EXPECT_EQ(found->key.cipher, sealed->cipher);
    }
}

TEST(TicketKeys, OpenNothingThatTheyHaveNotSealed)
{
    TicketKeys keys(60s);
    TicketKeys others(60s);
    (void)keys.to_seal(noon);
    const auto sealed = others.to_seal(noon);
    EXPECT_FALSE(keys.to_open(sealed->name.data(), noon));
}

} // namespace
} // namespace gatehouse::gateway
