#pragma once

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// A file below gateway/portal/pages, as the binary has it.
struct PortalFile {
    std::string_view name; // "assets/portal.css"
    std::string_view type; // Content-Type
    std::string_view hash; // of its content
    std::string_view text;
    std::string_view packed; // the same, by gzip
};

/// All of them, by name.
[[nodiscard]] std::span<const PortalFile> portal_files() noexcept;

} // namespace gatehouse::gateway
