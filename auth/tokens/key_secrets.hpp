#pragma once

#include "auth/tokens/key_place.hpp"
#include "config/settings/identity.hpp"

namespace gatehouse::auth {

/// With HS256 the keys are the secrets of the environment, and stay what they are.
class KeySecrets final : public KeyPlace {
public:
    explicit KeySecrets(const config::TokenSettings& settings) : settings_(settings) {}

    /// Errors: a secret that is missing, short, or used for both kinds of token.
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() override;
    [[nodiscard]] Result<KeySet, KeyError> update(const Change& change) override;

    [[nodiscard]] Habits habits() const noexcept override { return {.ours = false}; }

private:
    const config::TokenSettings settings_;
};

} // namespace gatehouse::auth
