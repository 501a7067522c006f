#include "auth/tokens/key_wishes.hpp"

#include <new>
#include <utility>

namespace gatehouse::auth {

void KeyWishes::note(std::string_view source, std::string_view kid) noexcept
{
    if (full_.load(std::memory_order_relaxed)) return;
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;
    const auto key = std::hash<std::string_view>()(kid);
    for (const auto& wish : wishes_) {
        if (wish.key == key && wish.source == source) return;
    }
    try {
        wishes_.push_back({std::string(source), key});
    } catch (const std::bad_alloc&) { // another time
        return;
    }
    full_ = wishes_.size() >= most;
    const bool is_first = wishes_.size() == 1;
    lock.unlock();
    if (is_first && wake_) wake_();
}

std::vector<KeyWish> KeyWishes::take()
{
    const std::scoped_lock lock(mutex_);
    full_ = false;
    return std::exchange(wishes_, {});
}

} // namespace gatehouse::auth
