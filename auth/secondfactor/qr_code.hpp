#pragma once

#include "config/basics/secret.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// A QR code as an SVG document of one path: black on white, with its quiet zone, without scripts,
/// styles or ids, so that a page may take it in as it is. Nothing: the text is too long for one
/// (more than 2331 bytes).
[[nodiscard]] std::optional<Secret> qr_code_svg(std::string_view text);

} // namespace gatehouse::auth
