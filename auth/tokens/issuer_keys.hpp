#pragma once

#include "auth/jose/jwks.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"
#include "config/settings/issuers.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What an issuer signs with, at one moment. Immutable, and shared by all who check its tokens.
class IssuerKeys {
public:
    explicit IssuerKeys(std::vector<jose::PublishedKey> keys) : keys_(std::move(keys)) {}

    /// The one secret both sides know.
    explicit IssuerKeys(jose::Key::Pointer secret);

    /// The one key that a token may be signed with which names `kid` and says `algorithm`. Without
    /// a kid only one key may fit. Errors: unknown_key, unsupported (another algorithm), ambiguous.
    [[nodiscard]] Result<const jose::Key*, TokenError> find(const std::optional<std::string>& kid,
                                                            jose::Algorithm algorithm) const;

    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

private:
    std::vector<jose::PublishedKey> keys_;
    bool nameless_ = false; // whatever kid a token names, it is this one
};

/// What these settings allow a token to be signed with.
[[nodiscard]] std::vector<jose::Algorithm> algorithms_of(const config::IssuerSettings& settings);

/// Of an issuer whose keys are in a file, or one secret: what settings alone bring. Null: they are
/// fetched. Error: a sentence for the operator.
[[nodiscard]] Result<std::shared_ptr<const IssuerKeys>, jose::KeyError>
keys_in_settings(const config::IssuerSettings& settings);

/// The keys in a set that was published; one without any that is of use is an error.
[[nodiscard]] Result<std::shared_ptr<const IssuerKeys>, jose::KeyError>
keys_in_jwks(std::string_view text, const config::IssuerSettings& settings);

} // namespace gatehouse::auth
