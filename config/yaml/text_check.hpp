#pragma once

#include "config/diagnostics/report.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse::config {

struct TextMistake {
    std::size_t offset = 0;
    Problem problem;
};

/// The first byte that does not belong into a text file: too much text, bytes that are not UTF-8,
/// control characters, a carriage return alone. So the YAML library, its positions and a terminal
/// all see the same lines.
[[nodiscard]] std::optional<TextMistake> find_text_mistake(std::string_view text,
                                                           std::size_t longest);

/// Whether a YAML quotation mark, single or double, stands at `offset` and its other one nowhere.
[[nodiscard]] bool is_open_quote(std::string_view text, std::size_t offset) noexcept;

} // namespace gatehouse::config
