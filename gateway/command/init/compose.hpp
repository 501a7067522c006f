#pragma once

#include "config/basics/result.hpp"
#include "gateway/command/init/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Routes to what looks like HTTP in a compose file, and why the rest does not.
struct ComposeReading {
    std::vector<PlannedRoute> routes;
    std::vector<SkippedService> skipped;
};

/// Why a compose file is of no use, ready to be printed.
struct ComposeProblem {
    ComposeProblem() = default;

    explicit ComposeProblem(std::string text) : message(std::move(text)) {}

    std::string message;
};

/// Reads services and their ports, and nothing else: no variables, no secrets. The service that
/// looks like the front gets every path, each other one those below its name. `name` stands in
/// messages.
[[nodiscard]] Result<ComposeReading, ComposeProblem> read_compose(std::string_view text,
                                                                  const std::string& name);

} // namespace gatehouse::gateway
