#include "auth/accounts/hash_budget.hpp"

#include <algorithm>

namespace gatehouse::auth {

HashPlace::~HashPlace()
{
    if (budget_ != nullptr) budget_->leave();
}

HashBudget::Loan::~Loan()
{
    if (budget_ != nullptr) budget_->give_back(bytes_);
}

void HashBudget::use(std::uint64_t memory_bytes, std::size_t places,
                     std::chrono::milliseconds deadline)
{
    {
        const std::lock_guard lock(mutex_);
        memory_bytes_ = memory_bytes;
        places_ = places;
        wait_ = deadline;
    }
    freed_.notify_all();
}

std::optional<HashPlace> HashBudget::enter()
{
    const std::lock_guard lock(mutex_);
    if (taken_places_ >= places_) {
        ++refused_;
        return std::nullopt;
    }
    ++taken_places_;
    return HashPlace(*this, std::chrono::steady_clock::now() + wait_);
}

std::optional<HashBudget::Loan> HashBudget::borrow(std::uint64_t bytes, const HashPlace& place)
{
    std::unique_lock lock(mutex_);
    auto wanted = bytes;
    const auto has_room = [&] {
        wanted = std::min(bytes, memory_bytes_); // which may change meanwhile
        return lent_bytes_ + wanted <= memory_bytes_;
    };
    const bool found_room = freed_.wait_until(lock, place.deadline(), has_room);
    if (!found_room || std::chrono::steady_clock::now() >= place.deadline()) {
        ++refused_;
        return std::nullopt;
    }
    lent_bytes_ += wanted;
    return Loan(*this, wanted);
}

HashBudget::Use HashBudget::use() const
{
    const std::lock_guard lock(mutex_);
    return {taken_places_, places_, refused_};
}

void HashBudget::leave() noexcept
{
    const std::lock_guard lock(mutex_);
    --taken_places_;
}

void HashBudget::give_back(std::uint64_t bytes) noexcept
{
    {
        const std::lock_guard lock(mutex_);
        lent_bytes_ -= bytes;
    }
    freed_.notify_all(); // those who wait want different amounts
}

} // namespace gatehouse::auth
