#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What is wrong with the keys that issuers have in files, by the content that was read with the
/// settings. A file without a key that is of use is an error; keys that are left out are warnings.
[[nodiscard]] std::vector<config::Diagnostic>
look_at_issuer_files(const config::Settings& settings);

/// For people: whom routes believe besides this gateway, a line for each.
[[nodiscard]] std::vector<std::string> issuer_lines(const config::Settings& settings);

/// Asks each issuer for its keys now: what is asked, and what is wrong with the answer ("" where
/// nothing is).
struct IssuerTried {
    std::string what;
    std::string problem;
};

[[nodiscard]] std::vector<IssuerTried> try_issuers(const config::Settings& settings);

} // namespace gatehouse::gateway
