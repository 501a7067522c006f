#include "gateway/mail/smtp_answer.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using Failure = SmtpAnswer::Failure;

TEST(SmtpAnswer, DecidesWhetherAMailIsTriedAgain)
{
    const struct {
        const char* name;
        Failure failure;
        unsigned status;
        Delivery expected;
    } rows[] = {
        {"taken",                    Failure::none,       250, Delivery::taken  },
        {"nobody answers",           Failure::connection, 0,   Delivery::again  },
        {"no TLS",                   Failure::connection, 220, Delivery::again  },
        {"a login that is refused",  Failure::login,      535, Delivery::again  },
        {"a mailbox that is full",   Failure::answer,     452, Delivery::again  },
        {"greylisting",              Failure::answer,     450, Delivery::again  },
        {"a mailbox nobody has",     Failure::answer,     550, Delivery::refused},
        {"a text that nobody wants", Failure::answer,     554, Delivery::refused},
    };

    for (const auto& row : rows)
        EXPECT_EQ(judge({row.failure, row.status, ""}), row.expected) << row.name;
}

TEST(SmtpAnswer, PausesGrowUpToHalfAnHour)
{
    EXPECT_EQ(pause_after(1, 15s), 15s);
    EXPECT_EQ(pause_after(2, 15s), 30s);
    EXPECT_EQ(pause_after(4, 15s), 2min);
    EXPECT_EQ(pause_after(8, 15s), 30min);
    EXPECT_EQ(pause_after(4'000'000'000, 15s), 30min);
    EXPECT_EQ(pause_after(3, 1h), 1h);
}

} // namespace
} // namespace gatehouse::gateway
