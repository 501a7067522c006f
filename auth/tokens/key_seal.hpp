#pragma once

#include "auth/jose/key.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Why something sealed cannot be read.
enum class SealError : std::uint8_t {
    unknown_version, // made by a later Gatehouse, or no seal at all
    other_secret,    // sealed under a secret that this process was not given
    damaged          // changed since, cut off, or sealed under another name
};

[[nodiscard]] std::string_view to_string(SealError error) noexcept;
std::ostream& operator<<(std::ostream& out, SealError error);

/// Encrypts what is kept where others can read and write (a database, its backups), so that they
/// can neither read it nor change it unnoticed. XChaCha20-Poly1305 under a key derived from a
/// secret of the operator's. A sealed text is
///
///     1 byte version | 8 bytes of the sealing key's fingerprint | 24 bytes nonce | text and tag
///
/// and opens only under the name it was sealed for. What it does not tell is whether an older
/// sealed text was put in the place of a newer one.
class KeySeal {
public:
    /// Seals under `current`; opens what `current` or one of `previous` sealed.
    /// Error: a secret of fewer than 32 bytes.
    [[nodiscard]] static Result<KeySeal, jose::KeyError> make(const Secret& current,
                                                              const std::vector<Secret>& previous);

    [[nodiscard]] std::string seal(const Secret& text, std::string_view name) const;

    struct Opened {
        Secret text;
        /// It was sealed under a previous secret, and should be sealed again.
        bool is_outdated = false;
    };

    [[nodiscard]] Result<Opened, SealError> open(std::string_view sealed,
                                                 std::string_view name) const;

private:
    struct SealingKey {
        Secret bytes;
        std::string fingerprint;
    };

    [[nodiscard]] static SealingKey derive(const Secret& secret);

    std::vector<SealingKey> keys_; // the current one first
};

} // namespace gatehouse::auth
