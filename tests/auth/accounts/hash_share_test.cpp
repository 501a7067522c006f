#include "auth/accounts/hash_share.hpp"

#include <gtest/gtest.h>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;

TEST(HashShare, RisesAStepForThoseBehindOneThatIsStarved)
{
    const struct {
        const char* name;
        Share kept;
        std::chrono::nanoseconds used;
        std::chrono::nanoseconds took;
        Share next;
    } cases[] = {
        {"a core for itself",                 Share::thirtieth, 25ms, 26ms,  Share::thirtieth},
        {"a core that others need half",      Share::thirtieth, 25ms, 50ms,  Share::thirtieth},
        {"just a twentieth",                  Share::thirtieth, 25ms, 500ms, Share::thirtieth},
        {"less than a twentieth",             Share::thirtieth, 25ms, 501ms, Share::tenth    },
        {"its thirtieth and no more",         Share::thirtieth, 25ms, 750ms, Share::tenth    },
        {"nothing yet",                       Share::thirtieth, 0ms,  100ms, Share::tenth    },
        {"its tenth and no more",             Share::tenth,     25ms, 250ms, Share::tenth    },
        {"less than a fifth",                 Share::tenth,     25ms, 126ms, Share::tenth    },
        {"a fifth: others leave it some",     Share::tenth,     25ms, 125ms, Share::thirtieth},
        {"a core for itself again",           Share::tenth,     25ms, 26ms,  Share::thirtieth},
        {"half of its tenth",                 Share::tenth,     25ms, 500ms, Share::tenth    },
        {"one of many who fight for a core",  Share::tenth,     25ms, 501ms, Share::equal    },
        {"an equal of many",                  Share::equal,     25ms, 2s,    Share::equal    },
        {"an equal of three",                 Share::equal,     25ms, 76ms,  Share::equal    },
        {"an equal of two, or of one worker", Share::equal,     25ms, 75ms,  Share::tenth    },
        {"once more a core for itself",       Share::equal,     25ms, 26ms,  Share::tenth    },
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(next_share(c.kept, c.used, c.took), c.next);
    }
}

} // namespace
} // namespace gatehouse::auth
