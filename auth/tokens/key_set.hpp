#pragma once

#include "auth/jose/key.hpp"
#include "auth/tokens/key_ring.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::auth {

using jose::KeyError;

/// The keys of a ring as they are kept: changed here, then frozen into a KeyRing.
struct KeySet {
    std::vector<RingKey> access;
    std::vector<RingKey> refresh;
    /// Somebody asked for a rotation that may not happen yet.
    bool rotation_wanted = false;
};

/// JSON, private halves included.
[[nodiscard]] Secret serialize(const KeySet& keys);
/// Errors say what is wrong with the text, without any of it.
[[nodiscard]] Result<KeySet, KeyError> parse_key_set(std::string_view text);

/// The same keys in the same roles: one ring would do for both.
[[nodiscard]] bool same_ring(const KeySet& a, const KeySet& b);

} // namespace gatehouse::auth
