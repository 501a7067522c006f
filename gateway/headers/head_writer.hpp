#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>

namespace gatehouse::gateway {

/// Appends bytes to a buffer somebody else owns; never allocates and never writes past its end.
/// When the room was too small `overflowed()` stays true and the bytes must not be used.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> room) noexcept : room_(room) {}

    void put(std::string_view text) noexcept
    {
        if (auto* at = take(text.size())) copy(at, text);
    }

    void put(char c) noexcept
    {
        if (auto* at = take(1)) *at = c;
    }

    void put_number(std::unsigned_integral auto number) noexcept
    {
        if (overflowed_) return;
        auto* const at = room_.data() + size_;
        const auto [end, error] = std::to_chars(at, room_.data() + room_.size(), number);
        if (error == std::errc{}) {
            size_ += static_cast<std::size_t>(end - at);
        } else {
            overflowed_ = true;
        }
    }

    /// `name: value CRLF`. Both must be free of CR, LF and NUL: what a strict parser accepted, or
    /// our own words.
    void field(std::string_view name, std::string_view value) noexcept
    {
        constexpr std::string_view between = ": ";
        constexpr std::string_view end = "\r\n";
        auto* at = take(name.size() + between.size() + value.size() + end.size());
        if (at == nullptr) return;
        at = copy(at, name);
        at = copy(at, between);
        at = copy(at, value);
        copy(at, end);
    }

    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] std::string_view written() const noexcept { return {room_.data(), size_}; }

private:
    /// Where the next `bytes` go, or null when they find no room.
    [[nodiscard]] char* take(std::size_t bytes) noexcept
    {
        if (overflowed_ || bytes > room_.size() - size_) {
            overflowed_ = true;
            return nullptr;
        }
        auto* const at = room_.data() + size_;
        size_ += bytes;
        return at;
    }

    static char* copy(char* to, std::string_view text) noexcept
    {
        // An empty view may hold a null pointer, which memcpy must not see.
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        return to + text.size();
    }

    std::span<char> room_;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

} // namespace gatehouse::gateway
