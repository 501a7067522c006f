#pragma once

#include <chrono>
#include <future>
#include <type_traits>

namespace gatehouse::auth {

/// What a thread that gives way keeps of a core for which others fight: see decision 10.
enum class Share { hundredth, tenth };

/// Lets the scheduler prefer every other thread to the calling one, which cannot take that back:
/// rising again is a privilege.
void give_way(Share kept) noexcept;

/// Who waits for work in the background looks after it this often. The kernel judges anew who runs
/// on a core when a thread wakes there, and else at its next tick: without, a worker that woke a
/// moment too early for its turn waits up to 4 ms for the end of that tick.
inline constexpr std::chrono::microseconds look_after{250};

/// Of a core, by the calling thread since it began.
[[nodiscard]] std::chrono::nanoseconds used_by_this_thread() noexcept;

/// Runs `work()` on a thread of its own that gives way, waits for it, and gives back what it
/// returned (or threw). `work` holds nothing that others wait for: it may take long to go on.
/// std::system_error: there is no thread to be had.
template <class Work>
std::invoke_result_t<Work&> in_background(Share kept, Work work)
{
    auto answer = std::async(std::launch::async, [kept, &work] {
        give_way(kept);
        return work();
    });
    while (answer.wait_for(look_after) == std::future_status::timeout) {
    }
    return answer.get();
}

} // namespace gatehouse::auth
