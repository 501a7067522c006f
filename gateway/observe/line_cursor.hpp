#pragma once

#include "auth/json/writer.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatehouse::gateway {

/// Writes one piece behind the other, without asking each time whether it fits: whoever begins a
/// line makes room for the longest it could become.
class LineCursor {
public:
    explicit LineCursor(char* at) noexcept : at_(at) {}

    void put(char c) noexcept { *at_++ = c; }

    void put(std::string_view text) noexcept
    {
        // An empty view may hold a null pointer, which memcpy must not see.
        if (!text.empty()) std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }

    void put_number(std::uint64_t number) noexcept
    {
        constexpr int most_digits = 20;
        at_ = std::to_chars(at_, at_ + most_digits, number).ptr;
    }

    /// With leading zeros.
    template <unsigned width>
    void put_padded(unsigned number) noexcept
    {
        for (unsigned i = width; i > 0; number /= 10)
            at_[--i] = static_cast<char>('0' + number % 10);
        at_ += width;
    }

    /// As a JSON string.
    void put_quoted(std::string_view text) noexcept { at_ = auth::json::write_string(at_, text); }

    [[nodiscard]] const char* at() const noexcept { return at_; }

private:
    char* at_;
};

} // namespace gatehouse::gateway
