#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

enum class Existing { keep, replace };

/// Writes a file so that it is there whole or not at all, also when the machine stops. With
/// `Existing::keep` it never takes the place of another file, also not of one that appears in this
/// very moment. Returns what went wrong.
[[nodiscard]] std::optional<std::string> write_new_file(const std::string& path,
                                                        std::string_view text, Existing existing);

} // namespace gatehouse::gateway
