#pragma once

#include <string>
#include <string_view>

/// Text for mdoc(7), the language of manual pages.
namespace gatehouse::gateway::roff {

/// Nothing in it means anything to roff.
[[nodiscard]] std::string escaped(std::string_view text);

/// A paragraph with `code` in it, in short lines, each sentence on a line of its own: so that roff
/// knows where sentences end.
[[nodiscard]] std::string paragraph(std::string_view text);

} // namespace gatehouse::gateway::roff
