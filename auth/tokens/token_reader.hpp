#pragma once

#include "auth/jose/key.hpp"
#include "auth/json/value.hpp"
#include "auth/tokens/claims.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// What a JWS header may say here, and nothing else that matters.
struct TokenHeader {
    std::string algorithm;
    std::string kid;
};

/// Reads the header segment. Refused: what is not a strict JSON object, another `typ`, `crit`, and
/// whatever carries keys (jwk, jku, x5u, x5c) or changes the payload (b64, zip, cty). What is
/// returned is valid until this thread reads another.
[[nodiscard]] Result<const TokenHeader*, TokenError> read_header(std::string_view segment,
                                                                 std::string_view type);

/// The same of a token of somebody else, who need not say all of it.
struct ForeignHeader {
    std::string algorithm;
    std::optional<std::string> kid;
    std::optional<std::string> type;
};

/// Reads such a header. Refused is all that read_header() refuses but for `typ` and a missing
/// `kid`.
[[nodiscard]] Result<ForeignHeader, TokenError> read_foreign_header(std::string_view segment);

/// Reads the payload segment: a strict JSON object.
[[nodiscard]] Result<json::Value, TokenError> read_payload(std::string_view segment);

/// A NumericDate that is a whole number and a date: `1.7e9` is neither, and `exp` in the year
/// 300,000,000,000 would overflow what we compare it with. Errors: malformed.
[[nodiscard]] Result<std::optional<Seconds>, TokenError> read_time(const json::Value& payload,
                                                                   std::string_view name);

/// `gen`: a whole number from 1 on. Errors: malformed.
[[nodiscard]] Result<std::optional<Generation>, TokenError>
read_generation(const json::Value& payload);

/// Whether `aud`, a string or an array of strings, names one of `expected` (RFC 7519, 4.1.3).
[[nodiscard]] bool is_audience(const json::Value* aud, std::span<const std::string> expected);

/// `roles`, `amr`: absent, or an array of header-safe strings. Errors: malformed.
[[nodiscard]] Result<std::vector<std::string>, TokenError> read_words(const json::Value& payload,
                                                                      std::string_view name);

} // namespace gatehouse::auth
