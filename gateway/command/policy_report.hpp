#pragma once

#include "config/settings/settings.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What follows from how routes stand to each other, and may not be meant.
struct PolicyFinding {
    bool warning = false; // else it is worth a look in a review
    std::size_t route = 0;
    std::string what;
    std::string hint{};
};

/// Asks the router itself with paths that stand for all others: which routes nothing reaches,
/// which are open inside guarded ones or for some methods, and where redirects lead.
[[nodiscard]] std::vector<PolicyFinding> policy_findings(const config::Settings& settings);

} // namespace gatehouse::gateway
