#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Items of CBOR in their canonical form (RFC 8949), for tests.
namespace gatehouse::auth::test::cbor {

inline std::string head(unsigned major, std::uint64_t argument)
{
    const auto first = [major](unsigned low) { return static_cast<char>(major << 5U | low); };
    if (argument < 24) return {first(static_cast<unsigned>(argument))};
    unsigned low = 24;
    std::size_t width = 1;
    while (width < 8 && argument >> (8 * width) != 0) {
        width *= 2;
        ++low;
    }
    std::string out{first(low)};
    for (std::size_t i = width; i-- > 0;) out += static_cast<char>(argument >> (8 * i) & 0xFFU);
    return out;
}

inline std::string integer(std::int64_t value)
{
    return value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value))
                     : head(0, static_cast<std::uint64_t>(value));
}

inline std::string bytes(std::string_view content)
{
    return head(2, content.size()) + std::string(content);
}

inline std::string text(std::string_view content)
{
    return head(3, content.size()) + std::string(content);
}

inline std::string array(std::initializer_list<std::string> items)
{
    auto out = head(4, items.size());
    for (const auto& item : items) out += item;
    return out;
}

inline std::string map(std::initializer_list<std::pair<std::string, std::string>> entries)
{
    auto out = head(5, entries.size());
    for (const auto& [key, value] : entries) out += key + value;
    return out;
}

} // namespace gatehouse::auth::test::cbor
