#pragma once

#include "gateway/http/field_syntax.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::gateway {

/// The name in a Host field: without port, and without the dot that ends an absolute name, so that
/// `api.example.com.:443` meets the routes of `api.example.com`.
[[nodiscard]] constexpr std::string_view host_name(std::string_view host) noexcept
{
    if (host.starts_with('[')) {
        const auto bracket = host.find(']');
        return host.substr(0, bracket == host.npos ? host.size() : bracket + 1);
    }
    host = host.substr(0, host.find(':'));
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

struct CaselessHash {
    using is_transparent = void;

    constexpr std::size_t operator()(std::string_view text) const noexcept
    {
        std::uint64_t hash = 0xcbf29ce484222325ULL; // FNV-1a
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x100000001b3ULL;
        return hash;
    }
};

struct CaselessEqual {
    using is_transparent = void;

    bool operator()(std::string_view left, std::string_view right) const noexcept
    {
        return equal_ignoring_case(left, right);
    }
};

} // namespace gatehouse::gateway
