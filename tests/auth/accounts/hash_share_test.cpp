#include "auth/accounts/hash_share.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

TEST(HashShare, IsATenthForThoseBehindOneThatWasStarved)
{
    const struct {
        const char* name;
        Share kept;
        std::chrono::nanoseconds needed;
        std::chrono::nanoseconds took;
        Share next;
    } cases[] = {
        {"a core for itself",             Share::hundredth, 25ms, 26ms,  Share::hundredth},
        {"a core that others need half",  Share::hundredth, 25ms, 50ms,  Share::hundredth},
        {"just a twentieth",              Share::hundredth, 25ms, 500ms, Share::hundredth},
        {"less than a twentieth",         Share::hundredth, 25ms, 501ms, Share::tenth    },
        {"its hundredth and no more",     Share::hundredth, 25ms, 2s,    Share::tenth    },
        {"its tenth and no more",         Share::tenth,     25ms, 250ms, Share::tenth    },
        {"less than a fifth",             Share::tenth,     25ms, 126ms, Share::tenth    },
        {"a fifth: others leave it some", Share::tenth,     25ms, 125ms, Share::hundredth},
        {"a core for itself again",       Share::tenth,     25ms, 26ms,  Share::hundredth},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(next_share(c.kept, c.needed, c.took), c.next);
    }
}

} // namespace
} // namespace gatehouse::auth
