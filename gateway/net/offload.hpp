#pragma once

#include "gateway/net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>

#include <type_traits>
#include <utility>

namespace gatehouse::gateway {

/// Runs `job()` on `pool` and comes back to the worker with what it returned (or threw). The only
/// way blocking work may be done from a Task: posting to a pool does not move the coroutine there.
/// What `job` refers to must live in the caller's frame, which waits here until the job is over.
template <class Job>
Task<std::invoke_result_t<Job&>> offload(asio::thread_pool& pool, Job job)
{
    using OnPool = asio::awaitable<std::invoke_result_t<Job&>, asio::thread_pool::executor_type>;
    auto on_pool = [&job]() -> OnPool { co_return job(); };
    co_return co_await asio::co_spawn(pool.get_executor(), std::move(on_pool), use_task);
}

} // namespace gatehouse::gateway
