#pragma once

#include "config/reference/reference.hpp"
#include "gateway/command/describe/command_facts.hpp"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// gatehouse(1): every command and option, as mdoc.
[[nodiscard]] std::string command_manual(const CommandFacts& root);

/// gatehouse.yaml(5): every key, as mdoc.
[[nodiscard]] std::string
configuration_manual(const std::vector<config::ReferenceSection>& sections);

} // namespace gatehouse::gateway
