#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace gatehouse::auth {

class HashBudget;

/// A place among the logins that wait for a hash; given back when it goes away. Taken when the
/// request arrives, so that time spent waiting for a thread counts.
class HashPlace {
public:
    HashPlace(HashPlace&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          deadline_(other.deadline_)
    {
    }

    HashPlace& operator=(HashPlace&&) = delete;
    ~HashPlace();

    [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept
    {
        return deadline_;
    }

private:
    friend class HashBudget;

    HashPlace(HashBudget& budget, std::chrono::steady_clock::time_point deadline) noexcept
        : budget_(&budget),
          deadline_(deadline)
    {
    }

    HashBudget* budget_;
    std::chrono::steady_clock::time_point deadline_;
};

/// Bounds what password hashing may take: so many logins waiting or hashing, so much memory for
/// the hashes in flight. Safe from any thread.
class HashBudget {
public:
    HashBudget(std::uint64_t memory_bytes, std::size_t places,
               std::chrono::milliseconds deadline) noexcept
        : memory_bytes_(memory_bytes),
          places_(places),
          wait_(deadline)
    {
    }

    HashBudget(const HashBudget&) = delete;
    HashBudget& operator=(const HashBudget&) = delete;

    /// Other bounds from now on; who waits already waits on, within the new ones.
    void use(std::uint64_t memory_bytes, std::size_t places, std::chrono::milliseconds deadline);

    /// Nothing: too many are waiting already (answer `overloaded`).
    [[nodiscard]] std::optional<HashPlace> enter();

    /// Memory for one hash, held until it goes away.
    class Loan {
    public:
        Loan(Loan&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)),
              bytes_(other.bytes_)
        {
        }

        Loan& operator=(Loan&&) = delete;
        ~Loan();

    private:
        friend class HashBudget;

        Loan(HashBudget& budget, std::uint64_t bytes) noexcept : budget_(&budget), bytes_(bytes) {}

        HashBudget* budget_;
        std::uint64_t bytes_;
    };

    /// Waits for the memory until the place's deadline. Nothing: it passed, also when there would
    /// be memory now: nobody waits for that answer any more. A hash that alone wants more than
    /// everything gets everything.
    [[nodiscard]] std::optional<Loan> borrow(std::uint64_t bytes, const HashPlace& place);

    /// How much of it is in use.
    struct Use {
        std::size_t taken_places = 0; // waiting or hashing
        std::size_t places = 0;
        std::uint64_t refused = 0; // found no place, or no memory in time; since the start
    };

    [[nodiscard]] Use use() const;

private:
    friend class HashPlace;

    void leave() noexcept;
    void give_back(std::uint64_t bytes) noexcept;

    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::uint64_t memory_bytes_;
    std::size_t places_;
    std::chrono::milliseconds wait_;
    std::size_t taken_places_ = 0;
    std::uint64_t lent_bytes_ = 0;
    std::uint64_t refused_ = 0;
};

} // namespace gatehouse::auth
