#pragma once

#include "auth/store/failure_report.hpp"
#include "auth/store/session_home.hpp"
#include "auth/store/store_meter.hpp"
#include "auth/store/store_status.hpp"
#include "config/basics/result.hpp"
#include "config/settings/postgres.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Who opens the store. The gateway alone tidies up (checkpoints); a command does its work and
/// goes.
enum class StoreRole { gateway, command };

/// How patient a store is, how eager, and what only some kinds of it want to know.
struct StoreOptions {
    /// How long a call may take before its caller is told `unavailable`.
    std::optional<std::chrono::milliseconds> patience{};
    /// How often it looks for changes by others where it is not told: half of the 50 ms in which a
    /// logout has to reach other processes.
    std::chrono::milliseconds poll{25};
    config::PostgresSettings postgres{};
    /// Told why calls fail.
    FailureReport::Say on_failure{};
    /// Counts its calls; outlives it. Null: nobody does.
    StoreMeter* meter = nullptr;
    /// Where sessions are, if not in the store; outlives it. `memory` always keeps its own.
    SessionHome* sessions = nullptr;
};

/// Opens what the settings' `store` names: "memory", "sqlite:PATH" (made on first use, mode 0600)
/// or a PostgreSQL URL (its tables are made on first use). The error is a sentence for the
/// operator: what is wrong with which file or server, and the way out.
[[nodiscard]] Result<std::unique_ptr<Store>, std::string>
open_store(std::string_view spec, StoreRole role, const StoreOptions& options = {});

/// What would keep a gateway from using this PostgreSQL, found without changing anything there.
[[nodiscard]] std::optional<std::string>
problem_with_postgres(std::string_view url, const config::PostgresSettings& settings);

/// What is in the store that `spec` names; makes and changes nothing, and asks no other version of
/// the tables than the one it finds. The error is a sentence for the operator.
[[nodiscard]] Result<StoreStatus, std::string>
status_of_store(std::string_view spec, const config::PostgresSettings& settings, Millis now);

/// The keys kept under `name` in the store that `spec` names, which it neither makes nor changes.
/// Nothing: there are none, or it is a store that keeps none. The error is a sentence.
[[nodiscard]] Result<std::optional<KeptKeys::Kept>, std::string>
kept_keys_of_store(std::string_view spec, const config::PostgresSettings& settings,
                   std::string_view name);

} // namespace gatehouse::auth
