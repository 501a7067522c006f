#include "gateway/command/check.hpp"
#include "gateway/command/echo_upstream.hpp"
#include "gateway/command/tcp_dial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <sstream>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Sends all of it and reads until the other side closes.
std::string ask(std::uint16_t port, std::string_view bytes)
{
    const auto socket = dial("127.0.0.1", port, 5s);
    EXPECT_TRUE(socket);
    if (!socket) return {};
    EXPECT_EQ(::send(socket->get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char block[4096];
    for (ssize_t got = 0; (got = ::recv(socket->get(), block, sizeof block, 0)) > 0;) {
        answer.append(block, static_cast<std::size_t>(got));
    }
    return answer;
}

TEST(EchoUpstream, TellsWhatItGot)
{
    auto echo = EchoUpstream::listen();
    ASSERT_TRUE(echo);
    (*echo)->start();

    struct Case {
        const char* name;
        const char* bytes;
        const char* expected;
    };

    const Case cases[] = {
        {"plain",       "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-User-Id: 7\r\nConnection: close\r\n\r\n",
         R"({"method":"GET","path":"/a?b=c","headers":{"Host":"h","X-User-Id":"7")"                                                                  },
        {"length",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345",          R"("bodyBytes":5})"                           },
        {"chunked",
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
         "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",                                                         R"("bodyBytes":7})"                           },
        {"two at once",
         "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n"
         "Connection: close\r\n\r\n",                                                                  R"("path":"/2")"                              },
        {"continue",
         "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n"
         "Connection: close\r\n\r\nx",                                                                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_THAT(ask((*echo)->port(), c.bytes), HasSubstr(c.expected));
    }
    EXPECT_EQ(ask((*echo)->port(), "nonsense\r\n\r\n"), "");
}

TEST(EchoUpstream, EndsWithConnectionsStillOpen)
{
    auto echo = EchoUpstream::listen();
    ASSERT_TRUE(echo);
    (*echo)->start();
    const auto idle = dial("127.0.0.1", (*echo)->port(), 5s);
    ASSERT_TRUE(idle);
    echo->reset(); // would hang here
    char c = 0;
    EXPECT_LE(::recv(idle->get(), &c, 1, 0), 0);
}

TEST(Check, TriesEveryEndpointWhenAsked)
{
    const auto echo = EchoUpstream::listen();
    ASSERT_TRUE(echo);
    config::Settings settings;
    settings.store = "memory";
    settings.routes.emplace_back().to = "http://127.0.0.1:" + std::to_string((*echo)->port());
    Arguments arguments;
    std::istringstream in;
    std::ostringstream out;
    Console console{in, out, out};
    EXPECT_EQ(run_check(arguments, settings, console), exit_ok);
    arguments.connect = true;
    EXPECT_EQ(run_check(arguments, settings, console), exit_ok);
    EXPECT_THAT(out.str(), HasSubstr("ok      http://127.0.0.1:"));

    settings.upstreams["gone"].endpoints = {{"http://127.0.0.1:1"}}; // tcpmux: nobody serves it
    settings.store = "sqlite:/nonexistent/folder/g.db";
    EXPECT_EQ(run_check(arguments, settings, console), exit_failed);
    EXPECT_THAT(out.str(), HasSubstr("FAILED  http://127.0.0.1:1: Connection refused"));
    EXPECT_THAT(out.str(), HasSubstr("FAILED  sqlite:/nonexistent/folder/g.db: the folder"));
}

} // namespace
} // namespace gatehouse::gateway
