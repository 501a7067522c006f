#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What `check` finds of the listeners' TLS.
struct TlsFindings {
    std::vector<config::Diagnostic> problems;
    std::vector<std::string> lines; // one for each certificate: names, kind, until when
};

/// `now` in seconds since 1970.
[[nodiscard]] TlsFindings look_at_tls(const config::Settings& settings, std::int64_t now);

} // namespace gatehouse::gateway
