#pragma once

#include "auth/store/store_notes.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/net/offload.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

namespace gatehouse::gateway {

/// Calls that may wait for the store at once, over all workers; more are told to come back.
inline constexpr std::uint32_t most_store_calls = 4096;

/// `job`, which stays the caller's, with what it asks of stores noted for the request.
template <class Job>
[[nodiscard]] auto noted(const LocalRequest& request, Job& job)
{
    return [&job, notes = request.notes] {
        const auth::StoreNotes::Here here(notes);
        return job();
    };
}

template <class Job>
Task<std::invoke_result_t<Job&>> AuthApi::on_store(const LocalRequest& request, Job job)
{
    using Outcome = std::invoke_result_t<Job&>;
    using auth::AuthError;
    if (queues_->waiting_for_store.fetch_add(1) >= most_store_calls) {
        queues_->waiting_for_store.fetch_sub(1);
        co_return Outcome(AuthError(AuthError::Kind::overloaded));
    }
    const auto deadline = std::chrono::steady_clock::now() + settings_.deadlines.store;
    auto in_time = [&job, deadline, notes = request.notes]() -> Outcome {
        // Nobody waits for what would come out of it now, and the store has others to serve.
        if (std::chrono::steady_clock::now() >= deadline) {
            return AuthError(AuthError::Kind::store_unavailable);
        }
        const auth::StoreNotes::Here here(notes);
        return job();
    };
    auto pending = offload(rooms_.store_pool, in_time);
    auto outcome = co_await std::move(pending);
    queues_->waiting_for_store.fetch_sub(1);
    co_return outcome;
}

} // namespace gatehouse::gateway
