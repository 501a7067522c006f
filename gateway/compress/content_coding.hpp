#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::gateway {

/// How a body may be packed on its way (RFC 9110, 8.4.1; RFC 7932; RFC 8878).
enum class ContentCoding : std::uint8_t { zstd, br, gzip };

inline constexpr std::size_t content_codings = 3;

[[nodiscard]] constexpr std::string_view to_string(ContentCoding coding) noexcept
{
    constexpr std::array<std::string_view, content_codings> names = {"zstd", "br", "gzip"};
    return names[static_cast<std::size_t>(coding)];
}

/// The coding of a name as settings write it.
[[nodiscard]] constexpr std::optional<ContentCoding> content_coding(std::string_view name) noexcept
{
    for (const auto coding : {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip}) {
        if (to_string(coding) == name) return coding;
    }
    return std::nullopt;
}

} // namespace gatehouse::gateway
