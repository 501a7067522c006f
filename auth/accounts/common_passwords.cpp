#include "auth/accounts/common_passwords.hpp"

#include <cstddef>

namespace gatehouse::auth {

bool is_common_password(std::string_view folded) noexcept
{
    // A binary search among lines: no table beside the text, and nothing to prepare at start.
    auto lines = common_password_lines();
    while (!lines.empty()) {
        const auto before = lines.rfind('\n', lines.size() / 2);
        // With no line break in the first half, its first line reaches over the middle.
        const auto begin = before == std::string_view::npos ? 0 : before + 1;
        const auto end = lines.find('\n', begin);
        if (end == std::string_view::npos) return false;
        const auto line = lines.substr(begin, end - begin);
        if (line == folded) return true;
        lines = folded < line ? lines.substr(0, begin) : lines.substr(end + 1);
    }
    return false;
}

} // namespace gatehouse::auth
