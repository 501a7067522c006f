#include "auth/store/string_list.hpp"

#include <charconv>

namespace gatehouse::auth {

std::string join_list(std::span<const std::string> strings)
{
    std::string text;
    for (const auto& string : strings) {
        text += std::to_string(string.size()) + ':' + string + ',';
    }
    return text;
}

std::vector<std::string> split_list(std::string_view text)
{
    std::vector<std::string> strings;
    while (!text.empty()) {
        std::size_t size = 0;
        const auto* begin = text.data();
        const auto* end = begin + text.size();
        const auto number = std::from_chars(begin, end, size);
        const auto left = static_cast<std::size_t>(end - number.ptr);
        // ':' before and ',' behind: two characters more than the string itself.
        if (number.ec != std::errc{} || left < 2 || size > left - 2) break;
        if (number.ptr[0] != ':' || number.ptr[size + 1] != ',') break;
        strings.emplace_back(number.ptr + 1, size);
        text = {number.ptr + size + 2, left - size - 2};
    }
    return strings;
}

} // namespace gatehouse::auth
