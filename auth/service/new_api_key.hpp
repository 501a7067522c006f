#pragma once

#include "auth/apikeys/api_key.hpp"
#include "auth/service/auth_error.hpp"
#include "config/basics/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What a new key is to be.
struct ApiKeyWish {
    std::string name;
    std::vector<std::string> scopes;
    std::optional<std::chrono::seconds> life; // nothing: for ever
};

/// A new key. Its text is shown once: the store keeps the digest only.
struct IssuedApiKey {
    Secret text;
    ApiKey key;
};

inline constexpr std::size_t most_api_key_scopes = 32;
inline constexpr std::size_t longest_scope_bytes = 128;
inline constexpr std::size_t longest_api_key_name_bytes = 64;
inline constexpr std::chrono::seconds longest_api_key_life = std::chrono::hours{24 * 3650};

/// The scope of a key by which a service may ask about the tokens of others (RFC 7662).
inline constexpr std::string_view introspect_scope = "introspect";

/// Everything that is wrong with the wish. A scope is a token of RFC 6749, 3.3.
[[nodiscard]] std::vector<FieldProblem> problems_of(const ApiKeyWish& wish);

/// For a wish without problems.
[[nodiscard]] IssuedApiKey issue_api_key(const ApiKeyWish& wish, std::string_view user_id,
                                         Seconds now);

/// "Xq0Yc3h1m2rT5vB8nK4wZg orders.read,orders.write", for the audit.
[[nodiscard]] std::string described(const ApiKey& key);

} // namespace gatehouse::auth
