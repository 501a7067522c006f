#pragma once

#include "auth/store/shared_states.hpp"
#include "gateway/limits/limit_book.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// Lets the gateways of one store count together what is rated as `shared`. Each counts by itself,
/// and five times a second adds what it counted to what the store has of those keys, and takes over
/// what all of them have come to: a key that others use up is used up here a moment later. Nobody
/// waits for it, and while the store does not answer everybody goes on alone.
class RateExchange {
public:
    struct Rooms {
        LimitBook& book;
        auth::SharedStates& states;
        RateKeys keys; // those of the book's shared rates
    };

    /// The rooms outlive it.
    explicit RateExchange(const Rooms& rooms) : rooms_(rooms) {}

    RateExchange(const RateExchange&) = delete;
    RateExchange& operator=(const RateExchange&) = delete;
    ~RateExchange();

    /// From now on by itself, on a thread of its own.
    void start();

    enum class Round : std::uint8_t { idle, done, failed };

    /// One exchange of what waits, of at most `most_keys`. idle: there was nothing to tell.
    Round exchange();

    /// Exchanges that the store did not answer.
    [[nodiscard]] std::uint64_t failures() const noexcept
    {
        return failures_.load(std::memory_order_relaxed);
    }

    static constexpr std::size_t most_keys = 256;

private:
    void run();
    [[nodiscard]] bool tell(const LimitBook::SharedRate& rate,
                            std::span<const RateTable::Spent> spent);

    const Rooms rooms_;
    std::atomic<std::uint64_t> failures_{0};
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false; // guarded by mutex_
    std::thread thread_;
};

/// What the store has of a key once so many more requests were counted: the text it has, by its
/// clock, and afterwards the text it is to have. A text that nobody can read begins afresh.
[[nodiscard]] std::chrono::nanoseconds add_to_shared(std::string& text, const RateTerms& terms,
                                                     auth::Millis now, std::uint32_t requests);

} // namespace gatehouse::gateway
