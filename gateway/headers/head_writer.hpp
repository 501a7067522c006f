#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// Appends bytes to a buffer somebody else owns; never allocates and never writes past its end.
/// When the room was too small `overflowed()` stays true and the bytes must not be used.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> room) noexcept : room_(room) {}

    void put(std::string_view text) noexcept
    {
        if (overflowed_ || text.size() > room_.size() - size_) {
            overflowed_ = true;
            return;
        }
        // An empty view may hold a null pointer, which memcpy must not see.
        if (!text.empty()) std::memcpy(room_.data() + size_, text.data(), text.size());
        size_ += text.size();
    }

    void put(char c) noexcept { put(std::string_view{&c, 1}); }

    void put_number(std::unsigned_integral auto number) noexcept
    {
        char digits[20]; // 2^64 has 20 digits
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        put(std::string_view{digits, static_cast<std::size_t>(end - digits)});
    }

    /// `name: value CRLF`. Both must be free of CR, LF and NUL: what a strict parser accepted, or
    /// our own words.
    void field(std::string_view name, std::string_view value) noexcept
    {
        put(name);
        put(": ");
        put(value);
        put("\r\n");
    }

    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] std::string_view written() const noexcept { return {room_.data(), size_}; }

private:
    std::span<char> room_;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

} // namespace gatehouse::gateway
