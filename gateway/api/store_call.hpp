#pragma once

#include "gateway/api/auth_api.hpp"
#include "gateway/net/offload.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

namespace gatehouse::gateway {

/// Calls that may wait for the store at once, over all workers; more are told to come back.
inline constexpr std::uint32_t most_store_calls = 4096;

template <class Job>
Task<std::invoke_result_t<Job&>> AuthApi::on_store(Job job)
{
    using Outcome = std::invoke_result_t<Job&>;
    using auth::AuthError;
    if (queues_->waiting_for_store.fetch_add(1) >= most_store_calls) {
        queues_->waiting_for_store.fetch_sub(1);
        co_return Outcome(AuthError(AuthError::Kind::overloaded));
    }
    const auto deadline = std::chrono::steady_clock::now() + settings_.deadlines.store;
    auto in_time = [&job, deadline]() -> Outcome {
        // Nobody waits for what would come out of it now, and the store has others to serve.
        if (std::chrono::steady_clock::now() >= deadline) {
            return AuthError(AuthError::Kind::store_unavailable);
        }
        return job();
    };
    auto pending = offload(rooms_.store_pool, in_time);
    auto outcome = co_await std::move(pending);
    queues_->waiting_for_store.fetch_sub(1);
    co_return outcome;
}

} // namespace gatehouse::gateway
