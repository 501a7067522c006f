#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/environment/environment.hpp"
#include "config/settings/settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// A value given on the command line; it wins over the file. Messages about it name the option.
struct Override {
    std::string option; // --upstream
    std::string key;    // routes[0].to
    std::string value;  // taken as it is, without replacements
};

/// Settings, checked, and everything there is to say about them in order of position. Use the
/// settings only when there are no errors.
struct Loaded {
    std::string source; // the file, or `gatehouse` without one
    Settings settings;
    std::vector<Diagnostic> errors;
    std::vector<Diagnostic> warnings;
    std::vector<std::string> files; // whose content is in them, or should be: a change may matter

    [[nodiscard]] bool ok() const noexcept { return errors.empty(); }
};

/// Reads a file. Relative paths in it start at its folder.
[[nodiscard]] Loaded load_file(const std::string& path, const Environment& environment,
                               std::span<const Override> overrides = {});

/// The same for a text; `name` is the file it stands for.
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& name,
                               const Environment& environment,
                               std::span<const Override> overrides = {});

/// Settings without any file: the defaults and what the command line says.
[[nodiscard]] Loaded load_without_file(const Environment& environment,
                                       std::span<const Override> overrides);

/// What is wrong with settings that were put together otherwise than by reading one file. `source`
/// is named in the messages, which have no places.
[[nodiscard]] std::vector<Diagnostic> problems_of(const Settings& settings,
                                                  const std::string& source);

} // namespace gatehouse::config
