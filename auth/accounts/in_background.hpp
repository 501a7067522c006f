#pragma once

#include <future>
#include <type_traits>

namespace gatehouse::auth {

/// Lets the scheduler prefer every other thread to the calling one, which cannot take that back:
/// rising again is a privilege.
void give_way() noexcept;

/// Runs `work()` on a thread of its own that gives way, waits for it, and gives back what it
/// returned (or threw). `work` holds nothing that others wait for: it may take long to go on.
/// std::system_error: there is no thread to be had.
template <class Work>
std::invoke_result_t<Work&> in_background(Work work)
{
    auto answer = std::async(std::launch::async, [&work] {
        give_way();
        return work();
    });
    return answer.get();
}

} // namespace gatehouse::auth
