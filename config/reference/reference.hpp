#pragma once

#include <string>

namespace gatehouse::config {

/// Every key with its default, what is allowed and what it means, as Markdown tables: the part of
/// docs/CONFIGURATION.md between its two marks.
[[nodiscard]] std::string configuration_reference();

} // namespace gatehouse::config
