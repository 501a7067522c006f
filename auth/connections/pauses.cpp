#include "auth/connections/pauses.hpp"

#include <algorithm>
#include <random>

namespace gatehouse::auth {

namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 25ms;
constexpr auto longest_pause = 2000ms;

} // namespace

std::chrono::milliseconds jittered(std::chrono::milliseconds pause)
{
    thread_local std::minstd_rand numbers{std::random_device{}()};
    const auto half = pause.count() / 2;
    return std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(half, pause.count())(numbers));
}

std::chrono::milliseconds pause_after(std::uint32_t failures)
{
    const auto doublings = std::min(failures - 1, 10U);
    return jittered(
        std::min<std::chrono::milliseconds>(first_pause * (1U << doublings), longest_pause));
}

} // namespace gatehouse::auth
