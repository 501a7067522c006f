#pragma once

#include "config/settings/identity.hpp"

#include <openssl/types.h>

#include <optional>
#include <string_view>

namespace gatehouse::auth::jose {

using config::Algorithm;

/// The `alg` value of RFC 7518 (3.1) and RFC 8037: "ES256", "EdDSA".
[[nodiscard]] std::string_view to_string(Algorithm algorithm) noexcept;
/// Exactly those names; `none`, other cases and everything else are nothing, and so are those that
/// no key of ours has.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;
/// The same of what others may sign with.
[[nodiscard]] std::optional<Algorithm> parse_foreign_algorithm(std::string_view name) noexcept;
/// RSA with the padding of RFC 7518, 3.5.
[[nodiscard]] bool is_pss(Algorithm algorithm) noexcept;

/// The digest a signature of this algorithm is made over, fetched once; null for EdDSA.
[[nodiscard]] const EVP_MD* digest_of(Algorithm algorithm) noexcept;
[[nodiscard]] const EVP_MD* sha256() noexcept;

} // namespace gatehouse::auth::jose
