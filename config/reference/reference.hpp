#pragma once

#include <string>
#include <vector>

namespace gatehouse::config {

/// One key: its whole path, its default, what is allowed and what it means. Code stands in `ticks`.
struct ReferenceRow {
    std::string key;
    std::string standard;
    std::string allowed;
    std::string meaning;
};

/// The keys of one map. The first section is the top of the file and has no path.
struct ReferenceSection {
    std::string path;
    std::string meaning;
    std::vector<ReferenceRow> rows;
};

/// Every key, in the order of the settings.
[[nodiscard]] std::vector<ReferenceSection> configuration_sections();

/// The same as Markdown tables: the part of docs/CONFIGURATION.md between its two marks.
[[nodiscard]] std::string configuration_reference();

} // namespace gatehouse::config
