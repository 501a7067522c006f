#include "gateway/net/listen.hpp"
#include "tests/gateway/support/raw_backend.hpp"
#include "tests/gateway/support/test_gateway.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

RawBackend::Script echoing()
{
    return [](RawSocket& socket, std::size_t) {
        for (;;) {
            const auto request = read_request(socket);
            if (!request.complete || !socket.send(ok(request.body))) return;
        }
    };
}

TEST(Workers, ServeManyClientsAtOnceAndEachItsOwnAnswer)
{
    RawBackend backend(echoing());
    TestGateway gateway(public_route_to(backend.url()), 4);
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int n = 0; n < 8; ++n) {
        clients.emplace_back([&, n] {
            for (int i = 0; i < 25; ++i) {
                auto client = gateway.connect();
                for (int j = 0; j < 4; ++j) {
                    const auto body = std::to_string(n * 10'000 + i * 100 + j);
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body);
                    if (read_response(client).body != body) ++wrong;
                }
            }
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(gateway.sum(&Counters::connections_accepted), 200U);
}

TEST(Workers, TakeANewGenerationWhileRequestsRun)
{
    RawBackend one(answering(ok("old")));
    RawBackend two(answering(ok("new")));
    TestGateway gateway(public_route_to(one.url()), 2);
    std::atomic<bool> over{false};
    std::atomic<int> wrong{0};
    std::thread traffic([&] {
        while (!over) {
            const auto body = gateway.ask(get).body;
            if (body != "old" && body != "new") ++wrong;
        }
    });
    auto next = std::make_shared<const Runtime>(public_route_to(two.url()), nullptr);
    for (std::size_t i = 0; i < 2; ++i) gateway.worker(i).use(next);
    for (int i = 0; i < 50; ++i) (void)gateway.ask(get);
    over = true;
    traffic.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(gateway.ask(get).body, "new");
}

TEST(Workers, ServeManyGenerationsWhileRequestsRunAndKeepNoneTooMany)
{
    RawBackend one(answering(ok("old")));
    RawBackend two(answering(ok("new")));
    TestGateway gateway(public_route_to(one.url()), 4);
    std::atomic<bool> over{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> traffic;
    for (int n = 0; n < 4; ++n) {
        traffic.emplace_back([&] {
            while (!over) {
                auto client = gateway.connect();
                for (int i = 0; i < 10; ++i) {
                    client.send(get);
                    const auto body = read_response(client).body;
                    if (body != "old" && body != "new") ++wrong;
                }
            }
        });
    }
    std::vector<std::weak_ptr<const Runtime>> generations;
    for (std::uint64_t number = 2; number < 202; ++number) {
        const auto& to = number % 2 == 0 ? two : one;
        auto next =
            std::make_shared<const Runtime>(public_route_to(to.url()), nullptr, nullptr, number);
        generations.emplace_back(next);
        for (std::size_t i = 0; i < 4; ++i) gateway.worker(i).use(next);
    }
    over = true;
    for (auto& client : traffic) client.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(gateway.ask(get).body, "old");
    const auto is_alive = [](const auto& generation) { return !generation.expired(); };
    while (std::ranges::count_if(generations, is_alive) > 1) (void)gateway.ask(get);
}

TEST(Workers, OpenAndCloseAddressesWhileTheyRun)
{
    RawBackend backend(answering(ok("here")));
    TestGateway gateway(public_route_to(backend.url()), 2);
    auto opened = open_listener("127.0.0.1:0", 2);
    for (std::size_t i = 0; i < 2; ++i) {
        gateway.worker(i).open({std::move(opened->sockets[i]), nullptr, "second"});
    }
    RawSocket client(opened->port);
    client.send(get);
    EXPECT_EQ(read_response(client).body, "here");
    for (std::size_t i = 0; i < 2; ++i) gateway.worker(i).close("second");
    while (RawSocket(opened->port).is_open()) std::this_thread::yield();
    client.send(get); // what was connected stays so
    EXPECT_EQ(read_response(client).body, "here");
    EXPECT_EQ(gateway.ask(get).body, "here");
}

TEST(Workers, AnswerWhoWaitedInTheQueueOfAnAddressThatCloses)
{
    RawBackend backend(answering(ok("here")));
    TestGateway gateway(public_route_to(backend.url()));
    auto opened = open_listener("127.0.0.1:0", 1);
    // All of them are connected, as far as they know, before anybody accepts.
    std::vector<std::unique_ptr<RawSocket>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<RawSocket>(opened->port));
        clients.back()->send(get);
    }
    gateway.worker().open({std::move(opened->sockets[0]), nullptr, "second"});
    gateway.worker().close("second");
    for (const auto& client : clients) EXPECT_EQ(read_response(*client).body, "here");
}

TEST(Workers, EndIdleConnectionsAndFinishRunningRequestsWhenTheyDrain)
{
    std::promise<void> asked;
    std::promise<void> go_on;
    auto may_answer = go_on.get_future();
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        asked.set_value();
        may_answer.wait();
        socket.send(ok("late but whole"));
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto idle = gateway.connect();
    auto busy = gateway.connect();
    busy.send(get);
    asked.get_future().get();
    gateway.worker().drain();
    EXPECT_TRUE(idle.is_closed());
    go_on.set_value();
    const auto answer = read_response(busy);
    EXPECT_EQ(answer.body, "late but whole");
    EXPECT_TRUE(busy.is_closed());
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
    EXPECT_FALSE(gateway.connect().is_open());
}

TEST(Workers, AnnounceTheEndOnAnswersWhileTheyDrain)
{
    RawBackend backend([](RawSocket& socket, std::size_t) {
        (void)socket.take_through("\r\n\r\n");
        socket.send(ok(socket.take(1)));
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    auto idle = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    while (backend.connections() == 0) std::this_thread::yield();
    gateway.worker().drain();
    EXPECT_TRUE(idle.is_closed()); // the drain has begun
    client.send("x");
    EXPECT_EQ(read_response(client).field("Connection"), "close");
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
}

/// The answer to a request that is sent when the drain has begun, on a connection that was made
/// just before it.
Message answer_to_who_has_just_connected(const RawBackend& backend)
{
    TestGateway gateway(public_route_to(backend.url()));
    auto fresh = gateway.connect();
    auto silent = gateway.connect();
    while (gateway.sum(&Counters::connections_open) < 2) std::this_thread::yield();
    gateway.worker().drain();
    while (gateway.connect().is_open()) std::this_thread::yield();
    fresh.send(get);
    const auto answer = read_response(fresh);
    EXPECT_TRUE(silent.is_closed());
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
    return answer;
}

TEST(Workers, WaitAMomentForTheFirstRequestOfWhoHasJustConnectedWhenTheyDrain)
{
    RawBackend backend(answering(ok("just in time")));
    auto answer = answer_to_who_has_just_connected(backend);
    // The moment is a second, in which a machine may stop.
    for (int tries = 0; tries < 10 && answer.body.empty(); ++tries)
        answer = answer_to_who_has_just_connected(backend);
    EXPECT_EQ(answer.body, "just in time");
    EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(Workers, KeepSilentConnectionsWhenTheyLeaveUntilThoseHaveBeenTold)
{
    RawBackend backend(answering(ok("as ever")));
    auto settings = public_route_to(backend.url());
    settings.drain.delay = 1h;
    settings.drain.timeout = 1h;
    TestGateway gateway(settings);
    auto idle = gateway.connect();
    idle.send(get);
    EXPECT_EQ(read_response(idle).body, "as ever");
    gateway.worker().leave();
    while (gateway.connect().is_open()) std::this_thread::yield(); // it accepts no more at once
    idle.send(get);
    const auto answer = read_response(idle);
    EXPECT_EQ(answer.body, "as ever");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(idle.is_closed());
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
}

TEST(Workers, LeaveAtTheDrainTimeoutWhoeverIsSilent)
{
    RawBackend backend(answering(ok("as ever")));
    auto settings = public_route_to(backend.url());
    settings.drain.timeout = 200ms;
    TestGateway gateway(settings);
    auto idle = gateway.connect();
    idle.send(get);
    EXPECT_EQ(read_response(idle).body, "as ever");
    gateway.worker().leave();
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle); // nothing was cut off
    EXPECT_TRUE(idle.is_closed());
}

TEST(Workers, WaitForNobodySilentWhenTheyAreToEndWhileTheyLeave)
{
    RawBackend backend(answering(ok("as ever")));
    auto settings = public_route_to(backend.url());
    settings.drain.delay = 1h;
    settings.drain.timeout = 1h;
    TestGateway gateway(settings);
    auto idle = gateway.connect();
    idle.send(get);
    EXPECT_EQ(read_response(idle).body, "as ever");
    gateway.worker().leave();
    gateway.worker().drain();
    EXPECT_TRUE(idle.is_closed());
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
}

TEST(Workers, LeaveWithoutTheRestOfTheDrainDelay)
{
    RawBackend backend(answering(ok("as ever")));
    auto settings = public_route_to(backend.url());
    settings.drain.delay = 1h;
    TestGateway gateway(settings);
    gateway.worker().drain();
    EXPECT_EQ(gateway.ask(get).body, "as ever");
    gateway.worker().leave();
    EXPECT_EQ(gateway.worker().join(), Worker::End::idle);
}

TEST(Workers, KeepAcceptingUntilTheDrainDelayIsOverAndTellClientsToGoElsewhere)
{
    RawBackend backend(answering(ok("still here")));
    auto settings = public_route_to(backend.url());
    settings.drain.delay = 1h;
    TestGateway gateway(settings);
    gateway.worker().drain();
    const auto answer = gateway.ask(get);
    EXPECT_EQ(answer.body, "still here");
    EXPECT_EQ(answer.field("Connection"), "close");

    settings.drain.delay = 100ms;
    TestGateway soon_over(settings);
    soon_over.worker().drain();
    EXPECT_EQ(soon_over.worker().join(), Worker::End::idle);
}

TEST(Workers, CutOffWhatIsStillRunningAtTheDrainTimeout)
{
    std::promise<void> asked;
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)read_request(socket);
        asked.set_value();
        (void)socket.take_all();
    });
    auto settings = public_route_to(backend.url());
    settings.drain.timeout = 100ms;
    TestGateway gateway(settings);
    auto client = gateway.connect();
    client.send(get);
    asked.get_future().get();
    gateway.worker().drain();
    EXPECT_EQ(gateway.worker().join(), Worker::End::cut_off);
    EXPECT_TRUE(client.is_closed());
}

TEST(Workers, StopInTheMiddleOfEverything)
{
    RawBackend backend([](RawSocket& socket, std::size_t number) {
        (void)socket.take_through("\r\n\r\n");
        if (number % 2 == 0) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        (void)socket.take_all();
    });
    TestGateway gateway(public_route_to(backend.url()), 4);
    std::vector<RawSocket> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(gateway.connect());
        if (i % 5 == 0) continue;
        clients.back().send(i % 3 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"
                                       : get);
    }
    for (std::size_t i = 0; i < 4; ++i) gateway.worker(i).stop();
    for (std::size_t i = 0; i < 4; ++i) (void)gateway.worker(i).join();
    for (auto& client : clients) EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(gateway.sum(&Counters::connections_open), 0U);
}

TEST(Workers, MoveLongBodiesBothWaysWithoutHoldingThem) // R61
{
    constexpr std::size_t size = 64 << 20;
    const std::string piece(1 << 20, 'x');
    RawBackend backend([&](RawSocket& socket, std::size_t) {
        (void)socket.take_through("\r\n\r\n");
        std::size_t got = 0;
        while (got < size) {
            const auto bytes = socket.take(1 << 16).size();
            if (bytes == 0) return;
            got += bytes;
        }
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
        for (std::size_t sent = 0; sent < size; sent += piece.size()) socket.send(piece);
    });
    TestGateway gateway(public_route_to(backend.url()));
    auto client = gateway.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
                "\r\n\r\n");
    for (std::size_t sent = 0; sent < size; sent += piece.size()) ASSERT_TRUE(client.send(piece));
    const auto head = client.take_through("\r\n\r\n");
    EXPECT_NE(head.find("200 OK"), std::string::npos);
    std::size_t got = 0;
    while (got < size) {
        const auto bytes = client.take(1 << 16).size();
        ASSERT_NE(bytes, 0U);
        got += bytes;
    }
    while (gateway.sum(&RouteCounters::bytes_in) == 0)
        std::this_thread::yield(); // counted at the end
    EXPECT_GE(gateway.sum(&RouteCounters::bytes_in), size);
}

} // namespace
} // namespace gatehouse::gateway::test
