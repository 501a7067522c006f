// Signing in with a passkey.
#include "auth/accounts/names.hpp"
#include "auth/passkeys/challenge.hpp"
#include "auth/service/found_user.hpp"
#include "auth/service/passkeys.hpp"
#include "auth/service/proof.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using passkeys::Ceremony;

namespace {

constexpr auto by_passkey = "passkey";

std::vector<std::string> amr_of(bool user_verified)
{
    if (user_verified) return {amr_possession, amr_factors};
    return {amr_possession};
}

/// A key that nobody has, of the kind that nearly everybody has: what is judged for an id that
/// nobody has takes as long.
const std::string& nobodys_cose_key()
{
    static const std::string key = passkeys::cose_key_of_nobody();
    return key;
}

} // namespace

/// As many, and as long, as people's are. The key behind them is that of refresh tokens: all
/// replicas show the same, and they stay until it is changed.
std::vector<passkeys::CredentialName> AuthService::Passkeys::decoys_for(std::string_view name) const
{
    constexpr std::array<std::size_t, 4> usual_sizes{16, 20, 32, 32};
    const auto ring = rooms().keys.ring();
    // No signing input of a token has a colon in it, so neither can stand for the other.
    const auto said = [&](char which) {
        return ring->refresh_signer().sign(std::string("passkey-decoy:") + which +
                                           std::string(name));
    };
    const auto shape = said('n');
    const auto size = usual_sizes[static_cast<unsigned char>(shape[0]) % usual_sizes.size()];
    std::vector<passkeys::CredentialName> decoys;
    decoys.push_back({
        said('1').substr(0, size), {"hybrid", "internal"}
    });
    const bool second = static_cast<unsigned char>(shape[1]) % 4 == 0;
    if (second)
        decoys.push_back({
            said('2').substr(0, size), {"hybrid", "internal"}
        });
    return decoys;
}

Result<passkeys::RequestOptions, AuthError> AuthService::Passkeys::begin_login(const Whom& whom,
                                                                               const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    const auto admitted = rooms().throttle.take_passkey_options(caller.address);
    if (!admitted) return to_auth_error(admitted.error());

    passkeys::RequestOptions options;
    options.rp_id = settings().rp_id;
    options.challenge = new_challenge(Ceremony::assertion, "");
    options.timeout = settings().challenge_ttl;
    options.user_verification = word_for(settings().user_verification);
    const bool named = whom.username || whom.email;
    if (!named || settings().resident_key == config::AuthenticatorWish::required) return options;

    // By the first name alone, as decoys are made: a second one that took those of somebody away,
    // and changed nothing for a name nobody has, would tell the two apart.  R54
    const auto& named_first = whom.username ? whom.username : whom.email;
    const auto found = service_.find_for_login({named_first, {}, {}, {}});
    if (!found) return found.error();
    // Asked and made whoever it is, so that the answer takes as long for a name nobody has.
    const auto own = rooms().store.passkeys_of(found->user ? found->user->id : "");
    if (!own) return to_auth_error(own.error());
    auto decoys = decoys_for(fold_name(*named_first).value_or(*named_first));
    for (const auto& each : *own) options.allow.push_back({each.id, each.transports});
    if (enforced("passkeys.decoys") && options.allow.empty()) options.allow = std::move(decoys);
    return options;
}

Result<std::optional<AuthService::Passkeys::Shown>, AuthError>
AuthService::Passkeys::judge(const passkeys::ShownCredential& shown, std::string& why,
                             std::string& user_id)
{
    auto challenge = take_challenge(Ceremony::assertion, "", shown.client_data);
    if (!challenge) return challenge.error();
    if (!*challenge) {
        why = "wrong_challenge";
        return std::optional<Shown>();
    }
    auto found = rooms().store.find_passkey(shown.id);
    if (!found) return to_auth_error(found.error());
    auto& passkey = *found;
    const auto& nobody = nobodys_cose_key(); // also as a handle, for nobody else knows it
    const auto known =
        passkey ? passkeys::KnownCredential{passkey->cose_key, passkey->user_id,
                                            passkey->sign_count, passkey->backup_eligible}
                : passkeys::KnownCredential{nobody, nobody, 0, false};
    const auto judged = passkeys::judge_assertion(
        {shown.client_data, shown.authenticator_data, shown.signature, shown.user_handle},
        expected(**std::move(challenge)), known);
    if (!passkey) {
        why = "unknown";
        return std::optional<Shown>();
    }
    user_id = passkey->user_id;
    if (!judged) {
        why = to_string(judged.error());
        return std::optional<Shown>();
    }
    const auto kept = rooms().store.use_passkey(passkey->id, *judged, rooms().clock.seconds());
    if (!kept) return to_auth_error(kept.error());
    if (enforced("passkeys.count_once") && !*kept) {
        why = "cloned"; // or used elsewhere at this moment, or gone
        return std::optional<Shown>();
    }
    return std::optional(Shown{*std::move(passkey), judged->user_verified});
}

Result<Grant, AuthError>
AuthService::Passkeys::finish_login(const passkeys::ShownCredential& shown,
                                    std::optional<SessionDelivery> delivery, const Caller& caller)
{
    if (!settings().is_on()) return AuthError(Kind::not_configured);
    std::string why;
    std::string user_id;
    const auto refuse = [&](AuthError error) {
        const auto detail = why.empty() ? by_passkey : std::string(by_passkey) + ": " + why;
        service_.note_refused(SecurityEventKind::login, to_string(error.kind), user_id, "", caller,
                              detail);
        return error;
    };
    const auto slot = rooms().throttle.take_passkey(shown.id, caller.address);
    if (!slot) return refuse(to_auth_error(slot.error()));
    const auto judged = judge(shown, why, user_id);
    if (!judged) {
        rooms().throttle.give_back(*slot);
        return refuse(judged.error());
    }
    if (!*judged) return refuse(Kind::invalid_credentials);
    rooms().throttle.succeeded(*slot);
    auto granted = sign_in(**judged, delivery, caller);
    if (!granted) return refuse(granted.error());
    return granted;
}

Result<Grant, AuthError> AuthService::Passkeys::sign_in(const Shown& shown,
                                                        std::optional<SessionDelivery> delivery,
                                                        const Caller& caller)
{
    const auto& passkey = shown.passkey;
    const auto user = rooms().store.find_user(passkey.user_id);
    if (!user) return to_auth_error(user.error());
    if (!*user) return AuthError(Kind::invalid_credentials);
    // The store lets no blocked user in either.
    if ((*user)->blocked) return AuthError(Kind::account_blocked);
    const Proof proof{amr_of(shown.user_verified),
                      [&]() -> Result<bool, AuthError> {
                          if (!enforced("passkeys.still_there")) return true;
                          const auto again = rooms().store.find_passkey(passkey.id);
                          if (!again) return to_auth_error(again.error());
                          return *again && (*again)->user_id == passkey.user_id;
                      },
                      by_passkey};
    return service_.sign_in(**user, proof, delivery, caller);
}

} // namespace gatehouse::auth
