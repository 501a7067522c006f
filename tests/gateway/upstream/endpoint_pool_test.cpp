#include "gateway/upstream/endpoint_pool.hpp"
#include "gateway/upstream/upstream_table.hpp"
#include "tests/gateway/support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

namespace gatehouse::gateway {
namespace {

class EndpointPoolTest : public testing::Test {
protected:
    /// An upstream connection whose other end the test holds.
    std::unique_ptr<UpstreamConnection> open()
    {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        far.emplace_back(FileDescriptor(fds[1]));
        return std::make_unique<UpstreamConnection>(Socket(io, FileDescriptor(fds[0])), pool);
    }

    void let_the_loop_notice()
    {
        io.poll();
        io.restart();
    }

    asio::io_context io{1};
    auth::SystemClock clock;
    EndpointBoard board{clock};
    Counters counters;
    TallyBook<EndpointCounters> book;
    EndpointPool pool{board.hold("u", *parse_endpoint("http://127.0.0.1:1"), {}), counters,
                      book.hold("u", 0)};
    std::vector<test::RawSocket> far;
};

TEST_F(EndpointPoolTest, LendsTheConnectionThatWasUsedLast)
{
    auto first = open();
    auto second = open();
    auto* const last = second.get();
    EXPECT_FALSE(last->is_reused());
    pool.give_back(std::move(first), 8);
    pool.give_back(std::move(second), 8);
    const auto taken = pool.take_idle();
    EXPECT_EQ(taken.get(), last);
    EXPECT_TRUE(taken->is_reused());
    EXPECT_EQ(pool.idle(), 1U);
}

TEST(UpstreamTable, ForgetsEndpointsThatNoGenerationUses)
{
    const auth::SystemClock clock;
    EndpointBoard board(clock);
    Counters counters;
    TallyBook<EndpointCounters> book;
    UpstreamTable table(board, book, counters, 0);
    const UpstreamTarget one{"both", {*parse_endpoint("http://127.0.0.1:1")}};
    const UpstreamTarget both{
        "both", {*parse_endpoint("http://127.0.0.1:1"), *parse_endpoint("http://127.0.0.1:2")}
    };
    auto before = table.groups_for({both});
    auto after = table.groups_for({one});
    EXPECT_EQ(table.endpoints(), 2U);
    std::set<const EndpointPool*> used;
    after.front().add_to(used);
    table.forget_all_but(used);
    EXPECT_EQ(table.endpoints(), 1U);
    EXPECT_EQ(after.front().choose({}), *used.begin());
    table.forget_all_but({});
    EXPECT_EQ(table.endpoints(), 0U);
}

TEST_F(EndpointPoolTest, KeepsNoMoreThanItMay)
{
    for (int i = 0; i < 3; ++i) pool.give_back(open(), 2);
    EXPECT_EQ(pool.idle(), 2U);
    EXPECT_EQ(counters.upstream_connections_open.value(), 2U);
}

TEST_F(EndpointPoolTest, DropsAnIdleConnectionThatEndsBreaksOrSpeaks) // R15
{
    for (int i = 0; i < 4; ++i) pool.give_back(open(), 8);
    let_the_loop_notice();
    EXPECT_EQ(pool.idle(), 4U);
    far[0].close();
    far[2].send("HTTP/1.1 200 OK\r\n\r\n");
    let_the_loop_notice();
    EXPECT_EQ(pool.idle(), 2U);
    EXPECT_EQ(counters.upstream_connections_open.value(), 2U);
}

TEST_F(EndpointPoolTest, LendsNoConnectionThatHasSpokenInThisTurn) // R15
{
    for (int i = 0; i < 2; ++i) pool.give_back(open(), 8);
    let_the_loop_notice();
    for (auto& each : far) each.send("HTTP/1.1 200 OK\r\n\r\n");
    // The loop has heard of both, and has told of the first one only.
    EXPECT_EQ(io.poll_one(), 1U);
    EXPECT_EQ(pool.idle(), 1U);
    EXPECT_EQ(pool.take_idle(), nullptr);
}

TEST_F(EndpointPoolTest, LooksAtAConnectionBehindAnAnswerWithoutABody) // R15
{
    struct Case {
        bool had_no_body;
        std::string_view late;
        bool is_lent;
    };

    const Case cases[] = {
        {true,  "",     true },
        {true,  "late", false},
        {false, "",     true },
        // Nobody looks, and what is not heard of cannot be told from the answer. docs/FRAMING.md
        {false, "late", true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.late);
        auto connection = open();
        connection->had_no_body(c.had_no_body);
        pool.give_back(std::move(connection), 8);
        let_the_loop_notice();
        if (!c.late.empty()) far.back().send(c.late);
        EXPECT_EQ(pool.take_idle() != nullptr, c.is_lent);
    }
}

TEST_F(EndpointPoolTest, KeepsNoConnectionToWhereItsNameLedBefore)
{
    const auto addresses = [](std::initializer_list<const char*> texts) {
        std::vector<SocketAddress> all;
        for (const auto* text : texts) all.push_back(*SocketAddress::parse(text, 80));
        return all;
    };
    pool.lead_to(addresses({"10.0.0.1"}));
    auto lent = open();
    pool.give_back(open(), 8);
    pool.lead_to(addresses({"10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(pool.idle(), 1U); // one more is no reason
    pool.lead_to(addresses({"10.0.0.2"}));
    EXPECT_EQ(pool.idle(), 0U);
    pool.give_back(std::move(lent), 8);
    EXPECT_EQ(pool.idle(), 0U);
    pool.give_back(open(), 8);
    EXPECT_EQ(pool.idle(), 1U);
}

TEST_F(EndpointPoolTest, ClosesWhatIsTooOld)
{
    pool.give_back(open(), 8);
    pool.close_older_than(std::chrono::hours{1});
    EXPECT_EQ(pool.idle(), 1U);
    pool.close_older_than(std::chrono::milliseconds{0});
    EXPECT_EQ(pool.idle(), 0U);
}

TEST(UpstreamTable, KeepsThePoolsOfEndpointsThatStay)
{
    const auth::SystemClock clock;
    EndpointBoard board(clock);
    Counters counters;
    TallyBook<EndpointCounters> book;
    UpstreamTable table(board, book, counters, 1);
    const UpstreamTarget both{
        "both", {*parse_endpoint("http://a:1"), *parse_endpoint("http://b:2")}
    };
    const UpstreamTarget one{"both", {*parse_endpoint("http://b:2")}};
    auto before = table.groups_for({both});
    auto after = table.groups_for({one, both});
    EXPECT_EQ(before[0].choose({}), after[0].choose({})); // worker 1 begins at the second endpoint
    EXPECT_EQ(before[0].choose({})->target().authority, "a:1");
    EXPECT_EQ(before[0].choose({})->target().authority, "b:2");
}

TEST(Target, UnderstandsEndpoints)
{
    struct Case {
        const char* url;
        const char* host; // null: refused
        int port;
        bool numeric;
    };

    const Case cases[] = {
        {"http://web:3000",     "web",       3000, false},
        {"http://127.0.0.1:80", "127.0.0.1", 80,   true },
        {"http://web",          "web",       80,   false},
        {"http://web/",         "web",       80,   false},
        {"http://[::1]:90",     "::1",       90,   true },
        {"https://web",         "web",       443,  false},
        {"https://[::1]:90",    "::1",       90,   true },
        {"web:80",              nullptr,     0,    false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.url);
        const auto target = parse_endpoint(c.url);
        ASSERT_EQ(target.has_value(), c.host != nullptr);
        if (!target) continue;
        EXPECT_EQ(target->where.host, c.host);
        EXPECT_EQ(target->where.port, c.port);
        EXPECT_EQ(target->address.has_value(), c.numeric);
    }
}

} // namespace
} // namespace gatehouse::gateway
