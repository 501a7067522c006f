#include "auth/accounts/stored_hash.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::auth {

namespace {

constexpr std::size_t longest_hash = 512;

// What the settings could ever ask for: hashes made before they were lowered are still verified.
constexpr std::uint32_t dearest_bcrypt_cost = 16; // 5 s
constexpr std::uint64_t most_argon2_bytes = std::uint64_t{1} << 30U;
constexpr std::uint32_t most_argon2_passes = 20;
constexpr std::uint32_t most_argon2_lanes = 64;
constexpr std::uint64_t bcrypt_memory_bytes = std::uint64_t{64} * 1024;
/// N * r * p: some five seconds, too.
constexpr std::uint64_t most_scrypt_work = std::uint64_t{1} << 24U;

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

unsigned base64_value(char c) noexcept
{
    if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
    return c == '+' ? 62 : 63;
}

/// How many bytes this base64 without padding stands for; 0: it is none. Unused bits are zero,
/// since the functions themselves want them so.
std::size_t decoded_size(std::string_view text) noexcept
{
    if (!is_base64(text, '+', '/') || text.size() % 4 == 1) return 0;
    const auto unused_bits = text.size() % 4 == 2 ? 0xFU : text.size() % 4 == 3 ? 0x3U : 0U;
    if ((base64_value(text.back()) & unused_bits) != 0) return 0;
    return text.size() * 3 / 4;
}

/// Takes `salt$hash`, which end the text.
bool salt_and_hash(std::string_view text, StoredHash& read) noexcept
{
    const auto dollar = text.find('$');
    if (dollar == std::string_view::npos) return false;
    read.salt = text.substr(0, dollar);
    read.hash = text.substr(dollar + 1);
    return true;
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
    StoredHash read;
    read.kind = kind;
    read.memory_bytes = std::uint64_t{*memory_kib} * 1024;
    read.passes = *passes;
    read.lanes = *lanes;
    // RFC 9106, 3.1: what is less, the function refuses to compute, at no cost.
    const bool computes = salt_and_hash(text, read) &&
                          *memory_kib >= std::uint64_t{8} * read.lanes &&
                          decoded_size(read.salt) >= 8 && decoded_size(read.hash) >= 4;
    if (!computes) return std::nullopt;
    return read;
}

/// PHC string format; RFC 7914.
std::optional<StoredHash> read_scrypt(std::string_view text) noexcept
{
    if (!skip(text, "ln=")) return std::nullopt;
    const auto log_n = number(text);
    if (!log_n || *log_n > 31 || !skip(text, ",r=")) return std::nullopt;
    const auto block_size = number(text);
    if (!block_size || *block_size > 1024 || !skip(text, ",p=")) return std::nullopt;
    const auto lanes = number(text);
    if (!lanes || *lanes > 1024 || !skip(text, "$")) return std::nullopt;
    StoredHash read;
    read.kind = StoredHash::Kind::scrypt;
    read.cost = *log_n;
    read.block_size = *block_size;
    read.lanes = *lanes;
    const std::uint64_t block = std::uint64_t{128} * read.block_size;
    read.memory_bytes = (block << read.cost) + block * read.lanes + 2 * block + 64;
    if (!salt_and_hash(text, read)) return std::nullopt;
    const auto salt = decoded_size(read.salt);
    const auto hash = decoded_size(read.hash);
    if (salt < 1 || salt > 64 || hash < 16 || hash > 64) return std::nullopt;
    return read;
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
    hash.memory_bytes = bcrypt_memory_bytes;
    if (hash.cost < 4 || hash.cost > 31) return std::nullopt;
    return hash;
}

} // namespace

std::optional<StoredHash> read_stored_hash(std::string_view text) noexcept
{
    if (text.size() > longest_hash) return std::nullopt;
    if (skip(text, "$argon2id$")) return read_argon2(text, StoredHash::Kind::argon2id);
    if (skip(text, "$argon2i$")) return read_argon2(text, StoredHash::Kind::argon2i);
    if (skip(text, "$argon2d$")) return read_argon2(text, StoredHash::Kind::argon2d);
    if (skip(text, "$scrypt$")) return read_scrypt(text);
    if (skip(text, "$2a$") || skip(text, "$2b$") || skip(text, "$2y$")) return read_bcrypt(text);
    return std::nullopt;
}

std::string_view too_dear(const StoredHash& hash, std::uint64_t memory_bytes) noexcept
{
    if (hash.memory_bytes > memory_bytes) return "needs more memory than passwords.memory";
    switch (hash.kind) {
    case StoredHash::Kind::bcrypt:
        return hash.cost > dearest_bcrypt_cost ? "has a bcrypt cost above 16" : "";
    case StoredHash::Kind::scrypt:
        return (std::uint64_t{hash.block_size} << hash.cost) * hash.lanes > most_scrypt_work
                   ? "takes longer than scrypt with N * r * p = 2^24"
                   : "";
    case StoredHash::Kind::argon2id:
    case StoredHash::Kind::argon2i:
    case StoredHash::Kind::argon2d:
        if (hash.memory_bytes > most_argon2_bytes) return "needs more than 1 GiB";
        if (hash.passes > most_argon2_passes) return "has more than 20 passes";
        return hash.lanes > most_argon2_lanes ? "has more than 64 lanes" : "";
    }
    return "is of no known kind";
}

} // namespace gatehouse::auth
