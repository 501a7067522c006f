#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

/// Just enough HTTP/1.1 to find where a message ends. Both ends of a benchmark are our own, so
/// lengths are always Content-Length and fields are never folded.
namespace gatehouse::bench {

inline bool same_name(std::string_view left, std::string_view right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}

/// Value of the Content-Length field; 0 when there is none.
inline std::size_t content_length(std::string_view head)
{
    constexpr std::string_view name = "content-length:";
    for (std::size_t line = head.find("\r\n"); line + 2 < head.size();
         line = head.find("\r\n", line + 2)) {
        const std::string_view field = head.substr(line + 2);
        if (field.size() <= name.size() || !same_name(field.substr(0, name.size()), name)) continue;
        const char* digits = field.data() + name.size();
        while (*digits == ' ') ++digits;
        std::size_t length = 0;
        std::from_chars(digits, field.data() + field.size(), length);
        return length;
    }
    return 0;
}

struct Message {
    std::string_view head;
    std::size_t body_bytes = 0;

    [[nodiscard]] std::size_t total_bytes() const { return head.size() + body_bytes; }
};

/// The message whose head lies whole at the front of `received`; its body may still be coming.
inline std::optional<Message> front_message(std::string_view received)
{
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view head = received.substr(0, end + 4);
    return Message{head, content_length(head)};
}

} // namespace gatehouse::bench
