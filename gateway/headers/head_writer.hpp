#pragma once

#include <charconv>
#include <concepts>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {

/// Appends bytes to a buffer somebody else owns; never allocates and never writes past its end.
/// When the room was too small `overflowed()` stays true and the bytes must not be used.
class HeadWriter {
public:
    explicit HeadWriter(std::span<char> room) noexcept
        : begin_(room.data()),
          at_(begin_),
          end_(begin_ + room.size())
    {
    }

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
        const auto [end, error] = std::to_chars(at_, end_, number);
        if (error == std::errc{}) {
            at_ = end;
        } else {
            close();
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

    [[nodiscard]] std::size_t size() const noexcept
    {
        return static_cast<std::size_t>(at_ - begin_);
    }

    [[nodiscard]] std::string_view written() const noexcept { return {begin_, size()}; }

private:
    /// Where the next `bytes` go, or null when they find no room.
    [[nodiscard]] char* take(std::size_t bytes) noexcept
    {
        if (bytes > static_cast<std::size_t>(end_ - at_)) {
            close();
            return nullptr;
        }
        return std::exchange(at_, at_ + bytes);
    }

    /// Something did not fit, and so nothing behind it does.
    void close() noexcept
    {
        end_ = at_;
        overflowed_ = true;
    }

    static char* copy(char* to, std::string_view text) noexcept
    {
        // An empty view may hold a null pointer, which memcpy must not see.
        if (!text.empty()) std::memcpy(to, text.data(), text.size());
        return to + text.size();
    }

    char* begin_;
    char* at_;
    char* end_;
    bool overflowed_ = false;
};

} // namespace gatehouse::gateway
