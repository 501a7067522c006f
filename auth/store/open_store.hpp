#pragma once

#include "auth/store/store.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Who opens the store. The gateway alone tidies up (checkpoints); a command does its work and
/// goes.
enum class StoreRole { gateway, command };

/// How patient a store is, and how eager.
struct StorePace {
    /// How long a write may take before its caller is told `unavailable`.
    std::optional<std::chrono::milliseconds> patience;
    /// How often it looks for changes by others where it is not told: half of the 50 ms in which a
    /// logout has to reach other processes.
    std::chrono::milliseconds poll{25};
};

/// Opens what the settings' `store` names: "memory" or "sqlite:PATH" (made on first use, mode
/// 0600). The error is a sentence for the operator: what is wrong with which file, and the way out.
[[nodiscard]] Result<std::unique_ptr<Store>, std::string>
open_store(std::string_view spec, StoreRole role, const StorePace& pace = {});

} // namespace gatehouse::auth
