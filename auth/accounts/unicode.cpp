#include "auth/accounts/unicode.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <cstdlib>

namespace gatehouse::auth {

namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) noexcept
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): utf8proc takes unsigned bytes
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

std::optional<std::string> mapped(std::string_view text, int options)
{
    if (text.empty()) return std::string(); // utf8proc: length 0 would mean NUL-terminated to some
    utf8proc_uint8_t* out = nullptr;
    const auto size = utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &out,
                                   static_cast<utf8proc_option_t>(options));
    if (size < 0) return std::nullopt;
    const auto length = static_cast<std::size_t>(size);
    std::string result(length, '\0');
    std::copy(out, out + length, result.begin());
    sodium_memzero(out, length); // it may have been a password
    std::free(out);              // NOLINT(cppcoreguidelines-no-malloc): utf8proc's
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
