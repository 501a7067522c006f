#include "gateway/service/manager_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr pid_t self = 4711;

TEST(ManagerEnvironment, HasSocketsAndWatchdogOfThisProcessOnly)
{
    struct Case {
        const char* name;
        config::Environment environment;
        int sockets;
        std::chrono::microseconds watchdog;
    };

    const Case cases[] = {
        {"nobody started us",            {},                                                   0, 0us  },
        {"sockets for us",               {{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "2"}},        2, 0us  },
        {"and their names",
         {{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "2"}, {"LISTEN_FDNAMES", "http:admin"}},
         2,                                                                                       0us  },
        {"sockets of our parent",        {{"LISTEN_PID", "1"}, {"LISTEN_FDS", "2"}},           0, 0us  },
        {"sockets of nobody",            {{"LISTEN_FDS", "2"}},                                0, 0us  },
        {"no sockets",                   {{"LISTEN_PID", "4711"}},                             0, 0us  },
        {"no socket, nameless",
         {{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "0"}, {"LISTEN_FDNAMES", ""}},
         0,                                                                                       0us  },
        {"a watchdog for whoever reads", {{"WATCHDOG_USEC", "900"}},                           0, 900us},
        {"a watchdog for us",            {{"WATCHDOG_USEC", "900"}, {"WATCHDOG_PID", "4711"}}, 0, 900us},
        {"a watchdog for our parent",    {{"WATCHDOG_USEC", "900"}, {"WATCHDOG_PID", "1"}},    0, 0us  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto found = ManagerEnvironment::read(c.environment, self);
        ASSERT_TRUE(found) << found.error();
        EXPECT_EQ(found->sockets, c.sockets);
        EXPECT_EQ(found->watchdog, c.watchdog);
    }
}

TEST(ManagerEnvironment, SaysWhichVariableIsGarbage)
{
    struct Case {
        config::Environment environment;
        const char* complaint;
    };

    const Case cases[] = {
        {{{"LISTEN_PID", "me"}, {"LISTEN_FDS", "1"}},                              "LISTEN_PID is \"me\""   },
        {{{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "-1"}},                           "LISTEN_FDS is \"-1\""   },
        {{{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "1 "}},                           "LISTEN_FDS is \"1 \""   },
        {{{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "4097"}},                         "from 0 to 4096"         },
        {{{"LISTEN_PID", ""}},                                                     "LISTEN_PID is \"\""     },
        {{{"WATCHDOG_USEC", "3s"}},                                                "WATCHDOG_USEC is \"3s\""},
        {{{"WATCHDOG_USEC", "99999999999999999999"}},                              "WATCHDOG_USEC"          },
        {{{"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "x"}},                          "WATCHDOG_PID is \"x\""  },
        {{{"LISTEN_PID", "4711"}, {"LISTEN_FDS", "1"}, {"LISTEN_FDNAMES", "a:b"}},
         "names 2 descriptors and LISTEN_FDS counts 1"                                                      },
    };
    for (const auto& c : cases) {
        const auto found = ManagerEnvironment::read(c.environment, self);
        ASSERT_FALSE(found) << c.complaint;
        EXPECT_THAT(found.error(), HasSubstr(c.complaint));
    }
}

TEST(ManagerEnvironment, IsNothingThatAChildInherits)
{
    for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET",
                             "WATCHDOG_USEC", "WATCHDOG_PID"}) {
        ::setenv(name, "1", 1);
    }
    ManagerEnvironment::forget();
    const auto found = ManagerEnvironment::read(config::process_environment(), self);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->notify_socket, "");
    EXPECT_EQ(config::find(config::process_environment(), "LISTEN_PID"), std::nullopt);
    EXPECT_EQ(config::find(config::process_environment(), "LISTEN_FDNAMES"), std::nullopt);
    EXPECT_EQ(config::find(config::process_environment(), "WATCHDOG_PID"), std::nullopt);
}

} // namespace
} // namespace gatehouse::gateway
