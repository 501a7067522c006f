#include "config/settings/second_factor.hpp"

#include "config/settings/settings.hpp"

namespace gatehouse::config {

bool can_seal_totp(const Settings& settings)
{
    // Beside the store of one process there is a file, or its memory; a shared one has no beside.
    return settings.store == "memory" || settings.store.starts_with("sqlite:") ||
           !settings.second_factor.sealing_secret.empty() ||
           !settings.tokens.sealing_secret.empty();
}

bool has_totp(const Settings& settings)
{
    return settings.second_factor.totp != TotpMode::off && can_seal_totp(settings);
}

} // namespace gatehouse::config
