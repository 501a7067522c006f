#pragma once

#include <latch>
#include <thread>
#include <vector>

namespace gatehouse::auth::contract {

/// Calls work(0) .. work(count - 1) on threads of their own that all start at the same moment, and
/// waits for them. An exception ends the test program: in these tests it is a failure anyway.
template <class Work>
void together(int count, Work work)
{
    std::latch start(count);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            work(i);
        });
    }
    for (auto& thread : threads) thread.join();
}

} // namespace gatehouse::auth::contract
