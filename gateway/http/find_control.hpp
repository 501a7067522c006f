#pragma once

#include "config/basics/sixteen.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// Where the first is_control() byte from `from` on stands, or npos.
[[nodiscard]] constexpr std::size_t find_control_bytewise(std::string_view text,
                                                          std::size_t from) noexcept
{
    while (from < text.size() && !is_control(text[from])) ++from;
    return from < text.size() ? from : std::string_view::npos;
}

/// Whether each of the next 64 bytes is of those that most heads are made of.
[[nodiscard]] inline bool is_plain_far(const char* at) noexcept
{
    constexpr auto step = Sixteen::size;
    const auto plain = [at](std::size_t from) { return Sixteen(at + from).between(' ', '~'); };
    return (plain(0) & plain(step) & plain(2 * step) & plain(3 * step)).all();
}

/// The same, sixteen bytes at a time: every byte of every head comes through here once.
[[nodiscard]] inline std::size_t find_control(std::string_view text, std::size_t from) noexcept
{
    constexpr auto step = Sixteen::size;
    if (text.size() < step) return find_control_bytewise(text, from);
    const auto last = text.size() - step;
    const auto controls = [&](std::size_t at) noexcept {
        const Sixteen bytes(text.data() + at);
        const auto found = (bytes.between('\0', '\x1f') | bytes.is('\x7f')).bits();
        // Tabs are rare, so they are told apart only now.
        return found == 0 ? found : found & ~bytes.is('\t').bits();
    };
    const auto near = std::min(from + 4 * step, last + 1);
    for (; from < near; from += step) {
        if (const auto found = controls(from); found != 0)
            return from + static_cast<std::size_t>(std::countr_zero(found));
    }
    // A long line, such as a token's: in larger steps while it is as plain as they are.
    for (; from + 4 * step <= text.size() && is_plain_far(text.data() + from); from += 4 * step) {
    }
    for (; from <= last; from += step) {
        if (const auto found = controls(from); found != 0)
            return from + static_cast<std::size_t>(std::countr_zero(found));
    }
    if (from >= text.size()) return std::string_view::npos;
    // The last sixteen, of which those before `from` were looked at.
    const auto found = controls(last) >> (from - last);
    return found == 0 ? std::string_view::npos
                      : from + static_cast<std::size_t>(std::countr_zero(found));
}

} // namespace gatehouse::gateway
