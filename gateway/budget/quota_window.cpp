#include "gateway/budget/quota_window.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace gatehouse::gateway {
namespace {

constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();

void add_up(std::uint32_t& sum, std::uint32_t more) noexcept
{
    sum = more > most - sum ? most : sum + more;
}

/// Takes a number off the front of `text`, and the blank behind it.
template <class Number>
bool take_number(std::string_view& text, Number& number) noexcept
{
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || number < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.empty()) return true;
    if (text.front() != ' ') return false;
    text.remove_prefix(1);
    return !text.empty();
}

} // namespace

QuotaWindow::QuotaWindow(Time per) noexcept
    : part_(std::max<Time>((per + Time{parts - 1}) / parts, Time{1}))
{
}

void QuotaWindow::move_to(std::int64_t newest) noexcept
{
    if (newest <= newest_) return;
    const auto steps = std::min<std::int64_t>(newest - newest_, places);
    for (std::int64_t i = 0; i < steps; ++i) count_of(newest - i) = 0;
    newest_ = newest;
}

void QuotaWindow::add(Time at, std::uint32_t requests) noexcept
{
    const auto part = part_of(at);
    move_to(part);
    // What would be too old to have a place is counted for longer.
    add_up(count_of(std::max(part, newest_ - parts)), requests);
}

std::uint32_t QuotaWindow::used(Time now) noexcept
{
    // A part is forgotten when all of it lies `per` behind.
    const auto oldest =
        std::max(part_of(now) - parts, newest_ - static_cast<std::int64_t>(places) + 1);
    std::uint32_t sum = 0;
    for (auto part = std::max<std::int64_t>(oldest, 0); part <= newest_; ++part)
        add_up(sum, count_of(part));
    return sum;
}

QuotaWindow::Time QuotaWindow::next_change(Time now) noexcept
{
    const auto oldest =
        std::max(part_of(now) - parts, newest_ - static_cast<std::int64_t>(places) + 1);
    for (auto part = std::max<std::int64_t>(oldest, 0); part <= newest_; ++part) {
        if (count_of(part) != 0) return (part + parts + 1) * part_;
    }
    return now;
}

QuotaWindow QuotaWindow::with(Time per, Time now) noexcept
{
    QuotaWindow other(per);
    if (const auto all = used(now); all != 0) other.add(now, all);
    return other;
}

std::string QuotaWindow::text() const
{
    auto out = std::to_string(part_.count()) + ' ' + std::to_string(newest_);
    auto last = newest_ - static_cast<std::int64_t>(places) + 1;
    auto copy = *this;
    while (last <= newest_ && (last < 0 || copy.count_of(last) == 0)) ++last;
    for (auto part = newest_; part >= last; --part)
        out.append(" ").append(std::to_string(copy.count_of(part)));
    return out;
}

bool QuotaWindow::read(std::string_view text) noexcept
{
    QuotaWindow other;
    std::int64_t part = 0;
    if (!take_number(text, part) || part == 0 || !take_number(text, other.newest_)) return false;
    // Beyond any clock: sums with it would not fit.
    constexpr auto longest = std::numeric_limits<std::int64_t>::max() / 4;
    if (part > longest / parts || other.newest_ > longest / part) return false;
    other.part_ = Time{part};
    for (std::int64_t i = 0; !text.empty(); ++i) {
        std::int64_t count = 0;
        if (i == static_cast<std::int64_t>(places) || other.newest_ < i) return false;
        if (!take_number(text, count) || count > most) return false;
        other.count_of(other.newest_ - i) = static_cast<std::uint32_t>(count);
    }
    *this = other;
    return true;
}

} // namespace gatehouse::gateway
