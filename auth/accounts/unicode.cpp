#include "auth/accounts/unicode.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <algorithm>
#include <compare>
#include <span>

namespace gatehouse::auth {

namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) noexcept
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): utf8proc takes unsigned bytes
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

using Points = std::vector<utf8proc_int32_t>;

/// How many points `text` decomposes into; those for which there is room are written. Negative: it
/// is not UTF-8.
utf8proc_ssize_t decompose(std::string_view text, Points& room, utf8proc_option_t options)
{
    const auto* at = bytes_of(text);
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    const auto capacity = static_cast<utf8proc_ssize_t>(room.size());
    utf8proc_ssize_t count = 0;
    int boundary = 0; // asked for, and of no use here
    while (left > 0) {
        utf8proc_int32_t point = 0;
        const auto used = utf8proc_iterate(at, left, &point);
        if (used <= 0) return UTF8PROC_ERROR_INVALIDUTF8;
        const bool fits = count < capacity;
        const auto written =
            utf8proc_decompose_char(point, fits ? room.data() + count : nullptr,
                                    fits ? capacity - count : 0, options, &boundary);
        if (written < 0) return written;
        count += written;
        at += used;
        left -= used;
    }
    return count;
}

int combining_class(utf8proc_int32_t point) noexcept
{
    return utf8proc_get_property(point)->combining_class;
}

/// By class; those of one class stay as they came.
void order_run(std::span<utf8proc_int32_t> run)
{
    struct Mark {
        int combining_class;
        std::size_t place;
        utf8proc_int32_t point;
        auto operator<=>(const Mark&) const = default;
    };

    std::vector<Mark> marks;
    marks.reserve(run.size());
    for (const auto point : run) marks.push_back({combining_class(point), marks.size(), point});
    std::ranges::sort(marks);
    std::ranges::transform(marks, run.begin(), &Mark::point);
    sodium_memzero(marks.data(), marks.size() * sizeof(marks[0]));
}

/// Puts the marks behind each letter in their canonical order.
void order_marks(Points& points)
{
    const auto is_mark = [](auto point) { return combining_class(point) != 0; };
    for (auto begin = points.begin(); begin != points.end();) {
        begin = std::find_if(begin, points.end(), is_mark);
        const auto end = std::find_if_not(begin, points.end(), is_mark);
        const std::span run(begin, end);
        if (!std::ranges::is_sorted(run, {}, combining_class)) order_run(run);
        begin = end;
    }
}

/// What utf8proc_map() does. That orders marks in a time that grows with the square of their
/// number, so that a body of 16 KiB kept a thread for a quarter of a second.
std::optional<std::string> mapped(std::string_view text, int options)
{
    const auto how = static_cast<utf8proc_option_t>(options);
    Points points;
    const auto count = decompose(text, points, how);
    if (count < 0) return std::nullopt;
    points.reserve(static_cast<std::size_t>(count) + 1); // once: nothing of it stays elsewhere
    points.resize(static_cast<std::size_t>(count));
    decompose(text, points, how);
    order_marks(points);
    points.push_back(0); // utf8proc writes a NUL behind the end
    const auto size = utf8proc_reencode(points.data(), count, how);
    std::optional<std::string> result;
    if (size >= 0) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): utf8proc writes bytes there
        result.emplace(reinterpret_cast<const char*>(points.data()),
                       static_cast<std::size_t>(size));
    }
    sodium_memzero(points.data(), points.size() * sizeof(points[0])); // it may be a password
    return result;
}

} // namespace

std::optional<std::vector<char32_t>> code_points(std::string_view utf8)
{
    std::vector<char32_t> points;
    const auto* at = bytes_of(utf8);
    auto left = static_cast<utf8proc_ssize_t>(utf8.size());
    while (left > 0) {
        utf8proc_int32_t point = 0;
        const auto used = utf8proc_iterate(at, left, &point);
        if (used <= 0) return std::nullopt;
        points.push_back(static_cast<char32_t>(point));
        at += used;
        left -= used;
    }
    return points;
}

std::string printable(std::string_view text, std::size_t most_bytes)
{
    std::string out;
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        const auto used =
            utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
        const auto size = used > 0 ? static_cast<std::size_t>(used) : 1;
        const bool shown = used > 0 && !is_unseen(static_cast<char32_t>(point));
        const auto piece = shown ? text.substr(0, size) : std::string_view("?");
        if (out.size() + piece.size() > most_bytes) break;
        out += piece;
        text.remove_prefix(size);
    }
    return out;
}

bool is_unseen(char32_t code_point) noexcept
{
    const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point));
    if (property->ignorable) return true;
    switch (property->category) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    case UTF8PROC_CATEGORY_ZS:
        return code_point != U' ';
    default:
        break;
    }
    // Blank braille, and the characters that stand for something that is not text.
    return code_point == U'\u2800' || code_point == U'\uFFFC' || code_point == U'\uFFFD';
}

bool is_combining(char32_t code_point) noexcept
{
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
           category == UTF8PROC_CATEGORY_ME;
}

std::optional<std::string> to_nfc(std::string_view utf8)
{
    return mapped(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::optional<std::string> to_nfkc_casefold(std::string_view utf8)
{
    constexpr int fold =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    auto folded = mapped(utf8, fold);
    // A few characters fold into something that folds again (U+0345); two rounds settle all.
    for (int round = 0; folded && round < 4; ++round) {
        auto again = mapped(*folded, fold);
        if (again == folded) return folded;
        folded = std::move(again);
    }
    return folded;
}

} // namespace gatehouse::auth
