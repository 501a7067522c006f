#pragma once

#include "tests/auth/store/contract.hpp"

#include <chrono>
#include <future>
#include <thread>

/// How soon a store hears of what others wrote. Machines stop for a moment, and a listener that
/// asks now and then is lucky at times: one look would say little.
namespace gatehouse::auth::postgres {

using Steady = std::chrono::steady_clock;

/// Between two looks at something that takes its time.
inline void look_again()
{
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

template <class Condition>
[[nodiscard]] bool within(std::chrono::seconds time, Condition condition)
{
    const auto began = Steady::now();
    while (!condition()) {
        if (Steady::now() - began > time) return false;
        look_again();
    }
    return true;
}

/// How long it takes `listener` to hear that `writer` said something.
[[nodiscard]] inline Steady::duration time_to_hear(Store& listener, Store& writer)
{
    using contract::must;
    while (must(listener.wait_for_changes({}))) {
    }
    auto heard = std::async(std::launch::async, [&] {
        while (!must(listener.wait_for_changes(std::chrono::seconds(20)))) {
        }
        return Steady::now();
    });
    must(writer.announce_keys(contract::noon));
    const auto written = Steady::now();
    return heard.get() - written;
}

constexpr auto at_once = std::chrono::milliseconds(500);

/// Who asks once a second, or less often, is not that lucky three times.
[[nodiscard]] inline bool is_told(Store& listener, Store& writer)
{
    return within(std::chrono::seconds(30), [&] {
        for (int round = 0; round < 3; ++round) {
            if (time_to_hear(listener, writer) > at_once) return false;
        }
        return true;
    });
}

/// Whether a listener who asks every few seconds hears nothing in between. By chance it may ask
/// just in time, but not always.
[[nodiscard]] inline bool is_not_told(Store& listener, Store& writer)
{
    return within(std::chrono::seconds(30),
                  [&] { return time_to_hear(listener, writer) > at_once; });
}

} // namespace gatehouse::auth::postgres
