#include "auth/throttle/state_text.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace gatehouse::auth {

namespace {

void write(std::string& text, auto number)
{
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
}

/// Takes a number and the blank behind it off the front of the text.
template <class Number>
[[nodiscard]] bool take(std::string_view& text, Number& number)
{
    const auto end = std::min(text.find(' '), text.size());
    const auto* const last = text.data() + end;
    const auto [stop, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || stop != last) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
    return true;
}

/// All of the text as these numbers of the state, which were zero.
template <class State, class... Numbers>
[[nodiscard]] bool read(std::string_view text, const State& state, Numbers&... numbers)
{
    auto rest = text;
    if (text.empty() || ((take(rest, numbers) && ...) && to_text(state) == text)) return true;
    ((numbers = 0), ...);
    return false;
}

} // namespace

std::string to_text(const PairState& state)
{
    std::string text;
    if (state.failures == 0) return text;
    write(text, state.last_ms);
    write(text, state.failures);
    return text;
}

std::string to_text(const WindowState& state)
{
    std::string text;
    if (std::ranges::all_of(state.counts, [](auto count) { return count == 0; })) return text;
    write(text, state.newest);
    for (const auto count : state.counts) write(text, count);
    return text;
}

std::string to_text(const BucketState& state)
{
    std::string text;
    if (state.full_at_us != 0) write(text, state.full_at_us);
    return text;
}

bool read_text(std::string_view text, PairState& state)
{
    state = PairState{};
    return read(text, state, state.last_ms, state.failures);
}

bool read_text(std::string_view text, WindowState& state)
{
    state = WindowState{};
    return std::apply([&](auto&... counts) { return read(text, state, state.newest, counts...); },
                      state.counts);
}

bool read_text(std::string_view text, BucketState& state)
{
    state = BucketState{};
    return read(text, state, state.full_at_us);
}

} // namespace gatehouse::auth
