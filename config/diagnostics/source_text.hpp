#pragma once

#include "config/diagnostics/diagnostic.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::config {

/// A text by its lines: turns byte offsets into places and cuts out the line around a mistake.
/// Views the text; keep it alive.
class SourceText {
public:
    explicit SourceText(std::string_view text);

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// An offset behind the end counts as the end.
    [[nodiscard]] Place place_of(std::size_t offset) const;
    /// The line and a caret below the column, both indented by four blanks, at most 100 characters
    /// wide, tabs as blanks and control characters as `?`, so that a terminal shows it as it is.
    /// Passwords in URLs are stars.
    [[nodiscard]] std::string excerpt(Place place) const;

private:
    [[nodiscard]] std::string_view line(std::size_t number) const;

    std::string_view text_;
    std::vector<std::size_t> line_starts_;
};

} // namespace gatehouse::config
