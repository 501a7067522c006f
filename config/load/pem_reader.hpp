#pragma once

#include "config/diagnostics/report.hpp"
#include "config/yaml/node.hpp"

#include <string>

namespace gatehouse::config {

/// Reads the PEM files that settings name. Relative paths start at `folder`.
class PemReader {
public:
    /// All of them outlive it.
    PemReader(const std::string& folder, const Node& root, Report& report)
        : folder_(folder),
          root_(root),
          report_(report)
    {
    }

    /// Has `file` be a whole path. Empty where it names none, or after a complaint about `key`.
    [[nodiscard]] std::string read(const std::string& key, std::string& file);

private:
    const std::string& folder_;
    const Node& root_;
    Report& report_;
};

} // namespace gatehouse::config
