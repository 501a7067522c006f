#include "auth/tokens/key_secrets.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse::auth {

namespace {

/// The secret in use, then those that only verify.
[[nodiscard]] Result<std::vector<RingKey>, KeyError>
keys_of_secrets(std::string_view name, const Secret& current, const std::vector<Secret>& previous)
{
    std::vector<RingKey> keys;
    const auto add = [&](const Secret& secret, KeyState state) {
        auto key = jose::Key::from_secret(secret);
        if (!key) return false;
        const auto is_same = [&](const RingKey& each) { return each.key->kid() == (*key)->kid(); };
        if (std::ranges::none_of(keys, is_same)) keys.push_back({*std::move(key), state, {}, {}});
        return true;
    };
    if (!add(current, KeyState::active)) {
        return KeyError(std::string(name) + " needs at least 32 bytes; make one with: openssl rand "
                                            "-base64 48");
    }
    for (const auto& secret : previous) {
        if (!add(secret, KeyState::retired)) {
            return KeyError(std::string(name) + "_PREVIOUS holds a secret of fewer than 32 bytes");
        }
    }
    return keys;
}

} // namespace

Result<std::optional<KeySet>, KeyError> KeySecrets::read()
{
    auto access = keys_of_secrets("ACCESS_TOKEN_SECRET", settings_.access_secret,
                                  settings_.access_secrets_previous);
    if (!access) return access.error();
    auto refresh = keys_of_secrets("REFRESH_TOKEN_SECRET", settings_.refresh_secret,
                                   settings_.refresh_secrets_previous);
    if (!refresh) return refresh.error();
    if (enforced("keys.secrets_differ") &&
        settings_.access_secret.reveal() == settings_.refresh_secret.reveal()) {
        return KeyError("ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET must differ");
    }
    return std::optional(KeySet{*std::move(access), *std::move(refresh)});
}

Result<KeySet, KeyError> KeySecrets::update(const Change&)
{
    return KeyError("with tokens.algorithm HS256 the keys are secrets of the environment: "
                    "move ACCESS_TOKEN_SECRET to ACCESS_TOKEN_SECRET_PREVIOUS, set a new one "
                    "and restart");
}

} // namespace gatehouse::auth
