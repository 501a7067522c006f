#include "gateway/api/refresh_joiner.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace gatehouse::gateway {

Task<RefreshJoiner::Outcome> RefreshJoiner::join(Key key, std::function<Task<Outcome>()> lead)
{
    auto flight = board(key);
    if (flight) {
        auto following = follow(std::move(flight));
        co_return co_await std::move(following);
    }
    // Whatever happens to the leader, those who wait get an answer.
    auto outcome =
        std::make_shared<const Outcome>(auth::AuthError(auth::AuthError::Kind::store_unavailable));
    try {
        auto leading = lead();
        auto led = co_await std::move(leading);
        outcome = std::make_shared<const Outcome>(std::move(led));
    } catch (...) {
        land(key, outcome);
        throw;
    }
    land(key, outcome);
    co_return *outcome;
}

std::shared_ptr<RefreshJoiner::Flight> RefreshJoiner::board(const Key& key)
{
    const std::scoped_lock lock(mutex_);
    auto& flight = flights_[key];
    if (flight) return flight;
    flight = std::make_shared<Flight>();
    return nullptr;
}

Task<RefreshJoiner::Outcome> RefreshJoiner::follow(std::shared_ptr<Flight> flight)
{
    auto wait = [this, &flight](auto handler) {
        // std::function wants to be copied, a handler only moved.
        auto executor = boost::asio::get_associated_executor(handler);
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        auto resume = [kept, work = boost::asio::make_work_guard(executor)] {
            boost::asio::post(work.get_executor(), [kept] { std::move (*kept)(); });
        };
        const std::scoped_lock lock(mutex_);
        if (flight->outcome)
            resume();
        else
            flight->waiting.emplace_back(std::move(resume));
    };
    co_await boost::asio::async_initiate<decltype(use_task), void()>(wait, use_task);
    const std::scoped_lock lock(mutex_);
    co_return *flight->outcome;
}

void RefreshJoiner::land(const Key& key, std::shared_ptr<const Outcome> outcome)
{
    std::vector<std::function<void()>> waiting;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = flights_.find(key);
        if (found == flights_.end()) return; // dropped
        found->second->outcome = std::move(outcome);
        waiting.swap(found->second->waiting);
        flights_.erase(found);
    }
    for (const auto& resume : waiting) resume();
}

void RefreshJoiner::drop_all()
{
    std::map<Key, std::shared_ptr<Flight>> dropped;
    const std::scoped_lock lock(mutex_);
    dropped.swap(flights_);
    // What waits may hold the last reference to its own flight: take it out first.
    for (auto& [key, flight] : dropped) std::exchange(flight->waiting, {}).clear();
}

} // namespace gatehouse::gateway
