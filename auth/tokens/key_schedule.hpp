#pragma once

#include "auth/tokens/key_set.hpp"
#include "config/settings/identity.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>

namespace gatehouse::auth {

/// What the settings say about the life of keys, as plain values.
struct KeyTerms {
    config::Algorithm algorithm{};
    /// How long a retired key verifies: no token under it lives longer.
    std::chrono::seconds retired_access{};
    std::chrono::seconds retired_refresh{};
    /// Zero: nothing rotates by itself.
    std::chrono::seconds rotate_every{};
    /// How long a key is known to everybody who verifies before anybody signs with it. Zero where
    /// nobody but this process and those it tells reads the keys.
    std::chrono::seconds publish_ahead{};
};

/// Keys for a first start. They may change roles at once: who knows one of them knows all.
[[nodiscard]] KeySet first_keys(const KeyTerms& terms, Seconds now);

/// What a starting process wants of keys that were there before: a next key of the algorithm in
/// the settings, to sign as soon as it may. Those of another algorithm retire in their turn, and
/// nobody is signed out. true: something changed.
[[nodiscard]] bool follow_settings(KeySet& keys, const KeyTerms& terms, Seconds now);

enum class KeyStep : std::uint8_t { none, rotate, forget };

std::ostream& operator<<(std::ostream& out, KeyStep step);

/// When the next keys begin to sign: because it was asked for, or because the schedule says so, and
/// never before everybody knows them. Nothing: not until somebody asks.
[[nodiscard]] std::optional<Seconds> rotation_due(const KeySet& keys, const KeyTerms& terms);

/// What is to be done now. Any number of processes ask; one of them gets to do it.
[[nodiscard]] KeyStep decide_key_step(const KeySet& keys, const KeyTerms& terms, Seconds now);

/// Does it; false: there was nothing to do.
[[nodiscard]] bool take_key_step(KeySet& keys, const KeyTerms& terms, Seconds now);

} // namespace gatehouse::auth
