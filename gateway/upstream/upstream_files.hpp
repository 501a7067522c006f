#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What is wrong with the certificates and keys that upstreams' `tls` names, by the content that
/// was read with the settings. With an error the settings cannot be used; a certificate that has
/// expired is a warning, for whoever asks for it is the judge of it.
[[nodiscard]] std::vector<config::Diagnostic>
look_at_upstream_files(const config::Settings& settings, std::chrono::system_clock::time_point now);

/// What a start cannot go on with: a sentence with its place.
[[nodiscard]] std::optional<std::string> problem_at_start(const config::Settings& settings);

/// What keeps `next` from taking the place of `running`: its errors, and a certificate that has
/// expired where another one was before.
[[nodiscard]] std::vector<config::Diagnostic>
problems_with_upstream_files(const config::Settings& next, const config::Settings& running,
                             std::chrono::system_clock::time_point now);

} // namespace gatehouse::gateway
