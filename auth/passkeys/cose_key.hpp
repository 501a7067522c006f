#pragma once

#include "auth/jose/key.hpp"
#include "auth/passkeys/cbor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::passkeys {

/// What COSE calls the algorithms (RFC 9053; RFC 8812 for RS256).
enum class CoseAlgorithm : std::int32_t { es256 = -7, eddsa = -8, rs256 = -257 };

/// Those alone; nothing for all others.
[[nodiscard]] std::optional<CoseAlgorithm> parse_cose_algorithm(std::int64_t number) noexcept;

[[nodiscard]] jose::Algorithm algorithm_of(CoseAlgorithm algorithm) noexcept;

/// A public key as an authenticator gives it (COSE_Key, RFC 9052, 7), for the algorithm it names.
/// Refused: other algorithms, a curve or key type that does not go with it, compressed points,
/// points off the curve, RSA below 2048 bits, private members.  WebAuthn 3, 5.8.5
[[nodiscard]] Result<jose::Key::Pointer, jose::KeyError> read_cose_key(const Cbor& cose);

/// The same of its bytes.
[[nodiscard]] Result<jose::Key::Pointer, jose::KeyError> read_cose_key(std::string_view bytes);

/// A good key for ES256 whose private half nobody knows.
[[nodiscard]] std::string cose_key_of_nobody();

/// Whether this is a signature of `input` under the key, as authenticators write them: in DER for
/// ES256, as in JOSE for the others.  WebAuthn 3, 6.5.5
[[nodiscard]] bool is_signed(const jose::Key& key, std::string_view input,
                             std::string_view signature);

} // namespace gatehouse::auth::passkeys
