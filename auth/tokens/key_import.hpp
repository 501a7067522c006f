#pragma once

#include "auth/tokens/key_schedule.hpp"
#include "auth/tokens/key_set.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <optional>

namespace gatehouse::auth {

/// Keys that somebody else made, from the text of a file: a private key as PEM or JWK (also alone
/// in a JWK set), which comes back as the active access key; or the keys file of another gateway,
/// as it is. `preferred` tells RS256 from PS256. The error says what is wrong, and nothing of the
/// text.
[[nodiscard]] Result<KeySet, KeyError> read_foreign_keys(const Secret& text,
                                                         config::Algorithm preferred, Seconds now);

enum class ImportAs : std::uint8_t {
    next,  // known to everybody at once, and signs after the next rotation
    active // signs as soon as everybody knows it; what signed before retires
};

/// The ring with those keys in it. What was active elsewhere becomes the next key here, in the
/// place of the one that waited; with ImportAs::active a rotation is asked for. What had retired
/// there verifies here as long. A ring that does not exist yet takes them over as they are, if they
/// shall be active. Errors: the algorithm is not that of the settings, or the key is here already.
[[nodiscard]] Result<KeySet, KeyError> with_foreign_keys(const std::optional<KeySet>& kept,
                                                         const KeySet& foreign, ImportAs as,
                                                         const KeyTerms& terms, Seconds now);

} // namespace gatehouse::auth
