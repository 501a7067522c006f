#pragma once

#include "auth/store/kept_keys.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "config/settings/settings.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::auth {

/// A key keeper over the one place that the settings choose: secrets of the environment (HS256),
/// tokens.keys_directory, tokens.keys_file, the store (with a sealing secret), the file beside an
/// SQLite store, else memory. `store` and `clock` outlive it.
/// Errors are sentences; with `try_again` set the store just does not answer.
[[nodiscard]] Result<std::unique_ptr<KeyKeeper>, KeyError>
open_keys(const config::Settings& settings, KeptKeys& store, const Clock& clock);

/// Where a gateway would find or make its keys, by the same settings.
[[nodiscard]] Result<std::unique_ptr<KeyPlace>, KeyError>
open_key_place(const config::Settings& settings, KeptKeys& store, const Clock& clock);

/// What would keep a gateway from using the keys that are in the folder, the file or the store,
/// found without making or changing any.
[[nodiscard]] std::optional<std::string> problem_with_keys(const config::Settings& settings);

} // namespace gatehouse::auth
