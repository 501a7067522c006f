#include "gateway/net/offload.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace gatehouse::gateway {
namespace {

struct Seen {
    std::thread::id job;
    std::thread::id after;
    int answer = 0;
    bool failed = false;
};

Task<void> ask(asio::thread_pool& pool, Seen& seen)
{
    seen.answer = co_await offload(pool, [&seen] {
        seen.job = std::this_thread::get_id();
        return 42;
    });
    seen.after = std::this_thread::get_id();
}

Task<void> ask_and_fail(asio::thread_pool& pool, Seen& seen)
{
    try {
        co_await offload(pool, []() -> int { throw std::runtime_error("no"); });
    } catch (const std::runtime_error&) {
        seen.failed = true;
    }
}

TEST(Offload, RunsTheJobOnThePoolAndComesBackToTheWorkersThread)
{
    asio::thread_pool pool{1};
    asio::io_context io{1};
    Seen seen;
    asio::co_spawn(io, ask(pool, seen), [](std::exception_ptr) {});
    io.run();
    EXPECT_EQ(seen.answer, 42);
    EXPECT_NE(seen.job, std::this_thread::get_id());
    EXPECT_EQ(seen.after, std::this_thread::get_id());
}

TEST(Offload, BringsTheJobsExceptionBack)
{
    asio::thread_pool pool{1};
    asio::io_context io{1};
    Seen seen;
    asio::co_spawn(io, ask_and_fail(pool, seen), [](std::exception_ptr) {});
    io.run();
    EXPECT_TRUE(seen.failed);
}

} // namespace
} // namespace gatehouse::gateway
