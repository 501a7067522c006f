#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"
#include "config/settings/login.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace gatehouse::auth {

/// Whose attempts are counted together, as fingerprints.
struct LoginKeys {
    std::uint64_t pair = 0;
    std::uint64_t account = 0;
    std::uint64_t address = 0;
    /// A known browser at this account. Its attempts are counted under this and nothing else:
    /// nobody whose browser is another can slow it down.
    std::optional<std::uint64_t> device{};
};

/// Where attempts are counted: in this process, or for all gateways of a store. Safe from any
/// thread. The time is that of the place, for the clocks of gateways differ.
///
/// A clock that is set back by little goes on counting where it was; by much (an hour for
/// accounts), it begins again; neither lengthens a wait (see limits.hpp).
class Attempts {
public:
    virtual ~Attempts() = default;

    /// By these limits from now on; what was counted stays counted.
    virtual void use(const config::ThrottleSettings& settings) = 0;

    struct Taken {
        std::chrono::milliseconds wait{}; // 0: it was taken
        Millis at{};
    };

    /// Takes one attempt from every limit or from none. Of callers in parallel no more are admitted
    /// than one after the other would be. Error: nobody knows whether it was taken.
    [[nodiscard]] virtual Result<Taken, StoreError> take(const LoginKeys& keys) = 0;

    enum class Why : std::uint8_t {
        not_judged,    // the attempt was no guess
        right_password // and the pair starts afresh
    };

    /// For an attempt taken at `taken`. Where the place does not answer it stays taken, which wears
    /// off as a failure does.
    virtual void give_back(const LoginKeys& keys, Millis taken, Why why) = 0;

    /// How long until one more registration is admitted; 0: it was taken.
    [[nodiscard]] virtual Result<std::chrono::milliseconds, StoreError>
    take_registration(std::uint64_t address) = 0;

    enum class MailCount : std::uint8_t { address, account };

    /// The same for a mail, which is counted by who asks and by whom it is for.
    [[nodiscard]] virtual Result<std::chrono::milliseconds, StoreError>
    take_mail(MailCount count, std::uint64_t key) = 0;

    /// The same for a challenge.
    [[nodiscard]] virtual Result<std::chrono::milliseconds, StoreError>
    take_passkey_options(std::uint64_t address) = 0;
};

} // namespace gatehouse::auth
