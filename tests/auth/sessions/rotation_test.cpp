#include "auth/sessions/rotation.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::auth {
namespace {

using namespace std::chrono_literals;
using config::OnStraggler;

constexpr Seconds noon_s{1'800'000'000s};
constexpr Millis noon{noon_s};

/// Generation 40 is current; 8 to 39 are remembered, 39 was superseded 3 s ago, 38 a minute
/// before that, and so on.
std::vector<SupersededGeneration> remembered()
{
    std::vector<SupersededGeneration> all;
    for (Generation g = 8; g <= 39; ++g) all.push_back({g, noon - 3s - 1min * (39 - g)});
    return all;
}

TEST(DecideRotation, TellsTheCurrentTokenAStragglerAndAThiefApart) // R40, R41
{
    using enum Rotation;
    constexpr auto no = OnStraggler::refuse;
    constexpr auto again = OnStraggler::repeat;

    struct Over {
        bool ended = false;
        bool user_may_not = false;
    };

    constexpr Over session_over{true, false};
    constexpr Over user_blocked{false, true};

    const struct {
        const char* name;
        Over over;
        std::chrono::seconds left; // until the current generation expires, at noon
        Generation presented;
        std::chrono::milliseconds later; // than noon
        OnStraggler answer;
        Rotation expected;
    } cases[] = {
        {"the current token",                 {},           1h,   40,  0s,     no,    rotate        },
        {"the current token, repeat allowed", {},           1h,   40,  0s,     again, rotate        },
        {"a second before it expires",        {},           1s,   40,  0s,     no,    rotate        },
        {"a millisecond before it expires",   {},           1s,   40,  999ms,  no,    rotate        },
        {"on the instant it expires",         {},           0s,   40,  0s,     no,    refuse_expired},
        {"long expired",                      {},           -24h, 40,  0s,     no,    refuse_expired},
        {"ended",                             session_over, 1h,   40,  0s,     no,    refuse_ended  },
        {"user blocked",                      user_blocked, 1h,   40,  0s,     no,    refuse_ended  },
        {"ended and expired",                 session_over, -1h,  40,  0s,     no,    refuse_ended  },
        {"straggler",                         {},           1h,   39,  0s,     no,    refuse        },
        {"straggler who may repeat",          {},           1h,   39,  0s,     again, repeat_current},
        {"straggler on the last instant",     {},           1h,   39,  6999ms, again, repeat_current},
        {"straggler too late",                {},           1h,   39,  7s,     again, end_session   },
        {"straggler too late, refuse",        {},           1h,   39,  7s,     no,    end_session   },
        {"another replica's clock is ahead",  {},           1h,   39,  -12s,   again, repeat_current},
        {"but not by more than the window",   {},           1h,   39,  -13s,   again, end_session   },
        {"straggler after signing out",       session_over, 1h,   39,  0s,     again, refuse_ended  },
        {"straggler of a blocked user",       user_blocked, 1h,   39,  0s,     again, refuse_ended  },
        {"straggler, current one expired",    {},           0s,   39,  0s,     again, refuse_expired},
        {"straggler refused, expired or not", {},           0s,   39,  0s,     no,    refuse        },
        {"one generation further back",       {},           1h,   38,  0s,     again, end_session   },
        {"the oldest one remembered",         {},           1h,   8,   0s,     again, end_session   },
        {"fell out of the list",              {},           1h,   7,   0s,     again, end_session   },
        {"the first of all",                  {},           1h,   1,   0s,     no,    end_session   },
        {"generation zero",                   {},           1h,   0,   0s,     no,    end_session   },
        {"old one, session ended",            session_over, 1h,   8,   0s,     no,    refuse_ended  },
        {"old one, session expired",          {},           -1h,  8,   0s,     no,    end_session   },
        {"newer than what we know",           {},           1h,   41,  0s,     again, refuse        },
        {"far newer, and expired",            {},           -1h,  999, 0s,     again, refuse        },
        {"newer, but ended",                  session_over, 1h,   41,  0s,     no,    refuse_ended  },
    };

    const auto superseded = remembered();
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const RefreshState state{40, noon_s + c.left, c.over.ended, c.over.user_may_not,
                                 superseded};
        EXPECT_EQ(decide_rotation(state, c.presented, noon + c.later, {10s, c.answer}), c.expected);
    }
}

// Whoever never got the new pair may fetch it again; once somebody used it, that was a thief.
TEST(DecideRotation, RepeatsALostAnswerUntilThePairIsSeenInUse) // R40, R41
{
    using enum Rotation;
    using config::LostAnswer;
    constexpr auto no = OnStraggler::refuse;
    constexpr auto again = OnStraggler::repeat;

    struct Over {
        bool ended = false;
        bool user_may_not = false;
    };

    constexpr Over session_over{true, false};
    constexpr Over user_blocked{false, true};

    const struct {
        const char* name;
        Over over;
        bool unused; // nobody was seen to use the pair of generation 40
        std::chrono::seconds left;
        Generation presented;
        std::chrono::milliseconds later;
        OnStraggler answer;
        LostAnswer lost;
        Rotation expected;
    } cases[] = {
        {"within the window",              {},           true,  1h,  39, 0s,     no, LostAnswer::repeat, repeat_current},
        {"long after the window",          {},           true,  99h, 39, 90h,    no, LostAnswer::repeat, repeat_current},
        {"where stragglers may repeat",
         {},
         true,                                                  99h,
         39,                                                             90h,
         again,                                                                      LostAnswer::repeat,
         repeat_current                                                                                                },
        {"by a clock that is behind",
         {},
         true,                                                  1h,
         39,                                                             -1h,
         no,                                                                         LostAnswer::repeat,
         repeat_current                                                                                                },
        {"the pair was used",              {},           false, 99h, 39, 90h,    no, LostAnswer::repeat, end_session   },
        {"used, and only just too late",
         {},
         false,                                                 1h,
         39,                                                             7s,
         again,                                                                      LostAnswer::repeat,
         end_session                                                                                                   },
        {"used, but tabs race",
         {},
         false,                                                 1h,
         39,                                                             6999ms,
         again,                                                                      LostAnswer::repeat,
         repeat_current                                                                                                },
        {"used, a straggler refused",      {},           false, 1h,  39, 6999ms, no, LostAnswer::repeat, refuse        },
        {"where settings do not say so",
         {},
         true,                                                  99h,
         39,                                                             90h,
         no,                                                                         LostAnswer::refuse,
         end_session                                                                                                   },
        {"one generation further back",    {},           true,  99h, 38, 0s,     no, LostAnswer::repeat, end_session   },
        {"the first of all",               {},           true,  99h, 1,  0s,     no, LostAnswer::repeat, end_session   },
        {"generation zero",                {},           true,  99h, 0,  0s,     no, LostAnswer::repeat, end_session   },
        {"the current token itself",       {},           true,  1h,  40, 0s,     no, LostAnswer::repeat, rotate        },
        {"newer than what we know",        {},           true,  1h,  41, 0s,     no, LostAnswer::repeat, refuse        },
        {"the pair has expired meanwhile",
         {},
         true,                                                  1h,
         39,                                                             1h,
         no,                                                                         LostAnswer::repeat,
         refuse_expired                                                                                                },
        {"after signing out",              session_over, true,  1h,  39, 0s,     no, LostAnswer::repeat, refuse_ended  },
        {"of a blocked user",              user_blocked, true,  1h,  39, 0s,     no, LostAnswer::repeat, refuse_ended  },
    };

    const auto superseded = remembered();
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const RefreshState state{40,         noon_s + c.left, c.over.ended, c.over.user_may_not,
                                 superseded, c.unused};
        EXPECT_EQ(decide_rotation(state, c.presented, noon + c.later, {10s, c.answer, c.lost}),
                  c.expected);
    }
}

TEST(DecideRotation, CountsEveryReplayAsTheftWithoutAWindow)
{
    const auto superseded = remembered();
    const RefreshState state{40, noon_s + 1h, false, false, superseded};
    EXPECT_EQ(decide_rotation(state, 39, noon, {0ms, OnStraggler::repeat}), Rotation::end_session);
    EXPECT_EQ(decide_rotation(state, 40, noon, {0ms, OnStraggler::repeat}), Rotation::rotate);
}

TEST(DecideRotation, TellsGenerationsOfTheSameMillisecondApart) // R42
{
    const std::vector<SupersededGeneration> superseded{
        {1, noon},
        {2, noon},
        {3, noon}
    };
    const RefreshState state{4, noon_s + 1h, false, false, superseded};
    for (Generation g = 1; g <= 3; ++g) {
        EXPECT_EQ(decide_rotation(state, g, noon, {10s, OnStraggler::refuse}), Rotation::refuse);
    }
    EXPECT_EQ(decide_rotation(state, 4, noon, {10s, OnStraggler::refuse}), Rotation::rotate);
}

TEST(StragglerPolicy, RepeatsWhereTabsRaceUnlessTheSettingsSayOtherwise)
{
    config::RefreshSettings settings;
    EXPECT_EQ(straggler_policy(settings, SessionDelivery::body).answer, OnStraggler::refuse);
    EXPECT_EQ(straggler_policy(settings, SessionDelivery::cookie).answer, OnStraggler::repeat);
    EXPECT_EQ(straggler_policy(settings, SessionDelivery::both).answer, OnStraggler::repeat);
    EXPECT_EQ(straggler_policy(settings, SessionDelivery::body).window, 10s);
    for (const auto said : {OnStraggler::refuse, OnStraggler::repeat}) {
        settings.on_straggler = said;
        for (const auto delivery :
             {SessionDelivery::body, SessionDelivery::cookie, SessionDelivery::both}) {
            EXPECT_EQ(straggler_policy(settings, delivery).answer, said);
        }
    }
}

} // namespace
} // namespace gatehouse::auth
