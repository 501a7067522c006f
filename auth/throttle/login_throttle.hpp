#pragma once

#include "auth/store/shared_states.hpp"
#include "auth/throttle/attempts.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"
#include "config/settings/login.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Why an attempt was not admitted.
struct NotAdmitted {
    /// At least 1: too many of them; the answer is 429, and which limit it was stays here. Nothing:
    /// nobody knows how many there were, which lets nobody in: 503.
    std::optional<std::chrono::seconds> retry_after;
};

/// One admitted attempt to guess a password. Counts as a failure until told otherwise.
struct LoginSlot {
    LoginKeys keys;
    Millis taken{}; // by the clock of where it is counted
};

/// Slows guessing down without locking anybody out for good: per account-and-address pair, per
/// account and per address, and registrations per address. A slot is taken BEFORE the password is
/// hashed, so that a burst of parallel guesses cannot exceed a limit, and given back on success: a
/// process that dies in between leaves a failure behind, which wears off by itself.
/// Names and addresses are kept as keyed fingerprints. Safe from any thread; blocks where the
/// counts are in a store.
class LoginThrottle {
public:
    /// Counts in this process, which `clock` outlives.
    LoginThrottle(const config::ThrottleSettings& settings, const Clock& clock);
    /// Counts for everybody who has these states and this key of `fingerprint_key_bytes`.
    LoginThrottle(const config::ThrottleSettings& settings, SharedStates& states,
                  const Secret& fingerprint_key);

    static constexpr std::size_t fingerprint_key_bytes = 16;
    [[nodiscard]] static Secret new_fingerprint_key();

    /// By these limits from now on; what was counted stays counted.
    void use(const config::ThrottleSettings& settings) { attempts_->use(settings); }

    /// `account`: the account's id once it is known, else the folded name; the caller makes sure
    /// that the two cannot be mistaken for each other. Takes from all limits or from none. A
    /// `device` that is known at this account has a limit of its own, and no other.
    [[nodiscard]] Result<LoginSlot, NotAdmitted>
    take_login(std::string_view account, std::string_view address,
               const std::optional<std::string>& device = {});

    /// The password was right: the slot is free again and the pair starts afresh.
    void succeeded(const LoginSlot& slot);
    /// No password was judged (store down, no room to hash): as if the attempt had not been.
    void give_back(const LoginSlot& slot);

    [[nodiscard]] Result<void, NotAdmitted> take_registration(std::string_view address);

    /// A mail that somebody at this address asks for.
    [[nodiscard]] Result<void, NotAdmitted> take_mail_from(std::string_view address);
    /// A mail of this kind to this user.
    [[nodiscard]] Result<void, NotAdmitted> take_mail_to(std::string_view user_id,
                                                         std::string_view kind);

    /// For asking what a passkey is to sign.
    [[nodiscard]] Result<void, NotAdmitted> take_passkey_options(std::string_view address);
    /// One use of a passkey that may fail. Nobody guesses a signature: what is limited is work, and
    /// by address alone, so that nobody keeps others from their passkeys by knowing their ids.
    [[nodiscard]] Result<LoginSlot, NotAdmitted> take_passkey(std::string_view credential_id,
                                                              std::string_view address);

private:
    LoginThrottle(std::unique_ptr<Attempts> attempts, const Secret& fingerprint_key);

    [[nodiscard]] Result<LoginSlot, NotAdmitted> take(const LoginKeys& keys);
    [[nodiscard]] Result<void, NotAdmitted> take_mail(Attempts::MailCount count, std::uint64_t key);
    [[nodiscard]] std::uint64_t fingerprint(char kind, std::string_view first,
                                            std::string_view second = {}) const noexcept;

    const std::unique_ptr<Attempts> attempts_;
    std::array<unsigned char, fingerprint_key_bytes> key_{};
};

/// What an address counts as: IPv4 as it is, also when written as IPv6 (::ffff:1.2.3.4), IPv6 by
/// its /64, which one customer usually owns whole. Anything else counts as itself.
[[nodiscard]] std::string throttle_address(std::string_view address);

} // namespace gatehouse::auth
