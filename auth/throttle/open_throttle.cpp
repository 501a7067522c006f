#include "auth/throttle/open_throttle.hpp"

#include "auth/tokens/key_seal.hpp"

#include <optional>
#include <utility>

namespace gatehouse::auth {

namespace {

using jose::KeyError;

constexpr std::string_view name = "throttle";

/// Each means that another gateway was faster, which ends with the first start of them all.
constexpr int most_tries = 20;

[[nodiscard]] KeyError no_answer()
{
    KeyError error("the store that counts logins does not answer");
    error.try_again = true;
    return error;
}

/// How the key of the fingerprints is written: as it is, or sealed.
class Writing {
public:
    explicit Writing(std::optional<KeySeal> seal) : seal_(std::move(seal)) {}

    [[nodiscard]] std::string write(const Secret& key) const
    {
        return seal_ ? seal_->seal(key, name) : std::string(key.reveal());
    }

    struct Found {
        std::optional<Secret> key; // nothing: whatever this is, it is of no use to us
        bool is_current = true;    // else it should be written anew
    };

    [[nodiscard]] Found read(std::string_view bytes) const
    {
        if (!seal_) return judged({Secret(std::string(bytes))});
        auto opened = seal_->open(bytes, name);
        if (!opened) return {};
        return judged({std::move(opened->text), !opened->is_outdated});
    }

private:
    [[nodiscard]] static Found judged(Found found)
    {
        if (found.key->size() != LoginThrottle::fingerprint_key_bytes) found.key.reset();
        return found;
    }

    std::optional<KeySeal> seal_;
};

/// What was written under another secret, or under none, is replaced: counting begins anew, and no
/// more is lost.
[[nodiscard]] Result<Secret, KeyError> shared_key(KeptKeys& store, const Writing& writing,
                                                  const Clock& clock)
{
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto kept = store.read_keys(name);
        if (!kept) return no_answer();
        const auto found = *kept ? writing.read((*kept)->bytes) : Writing::Found{};
        if (found.key && found.is_current) return *found.key;
        const auto key = found.key ? *found.key : LoginThrottle::new_fingerprint_key();
        const auto version = *kept ? (*kept)->version : 0;
        const auto replaced = store.replace_keys(name, version, writing.write(key), clock.now());
        if (!replaced) return no_answer();
        if (*replaced) return key;
    }
    return no_answer();
}

[[nodiscard]] Result<Writing, KeyError> writing_by(const config::TokenSettings& tokens)
{
    if (tokens.sealing_secret.empty()) return Writing({});
    auto seal = KeySeal::make(tokens.sealing_secret, tokens.sealing_secrets_previous);
    if (!seal) return seal.error();
    return Writing(*std::move(seal));
}

} // namespace

Result<Secret, KeyError> shared_fingerprint_key(const config::Settings& settings,
                                                const OpenStores& stores, const Clock& clock)
{
    const auto writing = writing_by(settings.tokens);
    if (!writing) return writing.error();
    return shared_key(*stores.store, *writing, clock);
}

Result<std::unique_ptr<LoginThrottle>, KeyError>
open_throttle(const config::Settings& settings, const OpenStores& stores, const Clock& clock)
{
    auto* const states = stores.shared_states();
    if (states == nullptr || settings.throttle.kept == config::ThrottleKept::memory) {
        return std::make_unique<LoginThrottle>(settings.throttle, clock);
    }
    const auto key = shared_fingerprint_key(settings, stores, clock);
    if (!key) return key.error();
    return std::make_unique<LoginThrottle>(settings.throttle, *states, *key);
}

} // namespace gatehouse::auth
