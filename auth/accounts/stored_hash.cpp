#include "auth/accounts/stored_hash.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::auth {

namespace {

constexpr std::size_t longest_hash = 512;

/// Takes `expected` off the front of `text`.
bool skip(std::string_view& text, std::string_view expected) noexcept
{
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

/// Takes a decimal number without sign or leading zero off the front.
std::optional<std::uint32_t> number(std::string_view& text) noexcept
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || text.front() == '0') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool is_base64(std::string_view text, char extra_first, char extra_second) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == extra_first || c == extra_second;
    });
}

std::optional<StoredHash> read_argon2(std::string_view text, StoredHash::Kind kind) noexcept
{
    if (!skip(text, "v=19$m=")) return std::nullopt;
    const auto memory_kib = number(text);
    if (!memory_kib || !skip(text, ",t=")) return std::nullopt;
    const auto passes = number(text);
    if (!passes || !skip(text, ",p=")) return std::nullopt;
    const auto lanes = number(text);
    if (!lanes || !skip(text, "$")) return std::nullopt;
    const auto dollar = text.find('$');
    if (dollar == std::string_view::npos || !is_base64(text.substr(0, dollar), '+', '/') ||
        !is_base64(text.substr(dollar + 1), '+', '/')) {
        return std::nullopt;
    }
    return StoredHash{kind, std::uint64_t{*memory_kib} * 1024, *passes, *lanes, 0};
}

std::optional<StoredHash> read_bcrypt(std::string_view text) noexcept
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 56 || !is_digit(text[0]) || !is_digit(text[1]) || text[2] != '$' ||
        !is_base64(text.substr(3), '.', '/')) {
        return std::nullopt;
    }
    StoredHash hash;
    hash.kind = StoredHash::Kind::bcrypt;
    hash.cost = static_cast<std::uint32_t>((text[0] - '0') * 10 + (text[1] - '0'));
    return hash;
}

} // namespace

std::optional<StoredHash> read_stored_hash(std::string_view text) noexcept
{
    if (text.size() > longest_hash) return std::nullopt;
    if (skip(text, "$argon2id$")) return read_argon2(text, StoredHash::Kind::argon2id);
    if (skip(text, "$argon2i$")) return read_argon2(text, StoredHash::Kind::argon2i);
    if (skip(text, "$2a$") || skip(text, "$2b$") || skip(text, "$2y$")) return read_bcrypt(text);
    return std::nullopt;
}

} // namespace gatehouse::auth
