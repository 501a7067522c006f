#pragma once

#include <string>
#include <string_view>

namespace gatehouse::gateway {

// Keys are parts with their length in front of them, so that no two lists of parts are one key.

inline void add_part(std::string& key, std::string_view part)
{
    key.append(std::to_string(part.size())).append(":").append(part);
}

/// The first part, which is taken off; "" where there is none.
[[nodiscard]] std::string_view take_part(std::string_view& key) noexcept;

/// Views of a resource_key().
struct ResourceParts {
    std::string_view scheme;
    std::string_view host;
    std::string_view path;
    std::string_view query;
};

[[nodiscard]] ResourceParts resource_parts(std::string_view resource) noexcept;

/// Of a key of KeyedRequest: the place of its route in the settings.
[[nodiscard]] std::string_view route_part(std::string_view key) noexcept;

} // namespace gatehouse::gateway
