#pragma once

#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "gateway/api/form_body.hpp"
#include "gateway/http/head.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <optional>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What a service shows to say who it is, before anybody looked whether it is true.
struct ClientCredential {
    Secret secret; // an API key, or what is to pass for one
    /// Of the key, and it has to be its own; nothing as bearer.
    std::optional<std::string> client_id{};
};

/// The one way it was shown: as bearer, by HTTP Basic, or as `client_id` and `client_secret` in the
/// form. Nothing: not at all (`client_id` alone is a name and no credential).
/// Errors: token_invalid (two Authorization fields, another scheme, no valid Basic, no secret),
/// bad_request (two ways at once).  RFC 6749, 2.3.1
[[nodiscard]] Result<std::optional<ClientCredential>, Refusal>
client_credential(std::span<const Field> fields, const Form& form);

/// Whether somebody tried HTTP Basic: then a 401 challenges for it.
[[nodiscard]] bool tries_basic(std::span<const Field> fields) noexcept;

} // namespace gatehouse::gateway
