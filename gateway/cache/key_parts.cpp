#include "gateway/cache/key_parts.hpp"

#include <charconv>
#include <system_error>

namespace gatehouse::gateway {

std::string_view take_part(std::string_view& key) noexcept
{
    std::size_t size = 0;
    const auto [rest, error] = std::from_chars(key.data(), key.data() + key.size(), size);
    const auto digits = static_cast<std::size_t>(rest - key.data());
    const bool begins = error == std::errc() && digits < key.size() && *rest == ':';
    if (!begins || size > key.size() - digits - 1) {
        key = {};
        return {};
    }
    const auto part = key.substr(digits + 1, size);
    key.remove_prefix(digits + 1 + size);
    return part;
}

ResourceParts resource_parts(std::string_view resource) noexcept
{
    ResourceParts parts;
    for (auto* part : {&parts.scheme, &parts.host, &parts.path, &parts.query})
        *part = take_part(resource);
    return parts;
}

std::string_view route_part(std::string_view key) noexcept
{
    (void)take_part(key); // the generation of its settings
    return take_part(key);
}

} // namespace gatehouse::gateway
