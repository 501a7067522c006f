#pragma once

#include "config/diagnostics/diagnostic.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Names and values that `${NAME}` can mean, and where secrets come from.
using Environment = std::map<std::string, std::string, std::less<>>;

/// What this process was started with.
[[nodiscard]] Environment process_environment();

/// The value of a name, or nothing when it is not set.
[[nodiscard]] std::optional<std::string_view> find(const Environment& environment,
                                                   std::string_view name);

/// Adds the lines `NAME=value` of an env file that `environment` does not know yet. Empty lines and
/// lines that begin with # are skipped, `export ` in front is allowed; a value in single or double
/// quotes loses them, and nothing else in it means anything. Returns the mistakes in order.
[[nodiscard]] std::vector<Diagnostic> add_env_text(std::string_view text, const std::string& source,
                                                   Environment& environment);
[[nodiscard]] std::vector<Diagnostic> add_env_file(const std::string& path,
                                                   Environment& environment);

} // namespace gatehouse::config
