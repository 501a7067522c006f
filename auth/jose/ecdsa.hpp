#pragma once

#include "auth/jose/algorithm.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::jose {

/// Bytes of one number of an ES* signature: 32 for P-256, 48 for P-384.
[[nodiscard]] std::size_t ecdsa_number_bytes(Algorithm algorithm) noexcept;

/// From the fixed-length r||s of RFC 7518, 3.4 to the DER that OpenSSL reads. Nothing when the
/// length is wrong or a number is not in 1..n-1: zeros would verify against any key where the
/// arithmetic does not look (CVE-2022-21449).
[[nodiscard]] std::optional<std::string> ecdsa_to_der(Algorithm algorithm,
                                                      std::string_view signature);
/// The other way, for signatures this process made.
[[nodiscard]] std::string ecdsa_from_der(Algorithm algorithm, std::string_view der);

/// The same for signatures that others made. Nothing unless it is DER in its one form with two
/// numbers that fit; whether they are in range is asked when it is verified.
[[nodiscard]] std::optional<std::string> ecdsa_from_foreign_der(Algorithm algorithm,
                                                                std::string_view der);

} // namespace gatehouse::auth::jose
