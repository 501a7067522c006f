#pragma once

#include "auth/jose/key.hpp"
#include "auth/store/open_stores.hpp"
#include "auth/throttle/login_throttle.hpp"

namespace gatehouse::auth {

/// The throttle that the settings ask for: it counts where all gateways of these stores see it, if
/// there is such a place, and in this process elsewhere. What `stores` points to and `clock`
/// outlive it. The key of the shared fingerprints is made by whoever comes first, and kept in the
/// store: sealed, where there is a secret to seal under. Error: a sentence, or the store does not
/// answer (`try_again`).
[[nodiscard]] Result<std::unique_ptr<LoginThrottle>, jose::KeyError>
open_throttle(const config::Settings& settings, const OpenStores& stores, const Clock& clock);

/// That key, for whoever else counts in the shared states of these stores, which there are.
[[nodiscard]] Result<Secret, jose::KeyError>
shared_fingerprint_key(const config::Settings& settings, const OpenStores& stores,
                       const Clock& clock);

} // namespace gatehouse::auth
