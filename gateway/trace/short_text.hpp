#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// A text of at most so many bytes that lies where it stands. What is longer is cut, never inside
/// a character.
template <std::size_t most>
class ShortText {
public:
    // The bytes behind the end mean nothing and are not written.
    ShortText() noexcept {} // NOLINT(modernize-use-equals-default): that would clear them

    void assign(std::string_view text) noexcept
    {
        auto size = std::min(text.size(), most);
        // The later bytes of a character of UTF-8 are 10xxxxxx.
        while (size > 0 && size < text.size() && is_later_byte(text[size])) --size;
        std::copy_n(text.data(), size, text_.data());
        size_ = static_cast<std::uint16_t>(size);
    }

    [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
    [[nodiscard]] static bool is_later_byte(char c) noexcept
    {
        return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
    }

    std::array<char, most> text_;
    std::uint16_t size_ = 0;
};

} // namespace gatehouse::gateway
