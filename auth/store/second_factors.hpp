#pragma once

#include "auth/audit/audit_record.hpp"
#include "auth/secondfactor/totp.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// The second factor of a user, as it is kept.
struct SecondFactor {
    std::string sealed;         // the secret, encrypted before it came here
    bool in_force = false;      // else somebody began to set it up, and has shown no code yet
    Seconds created{};          // when that began
    TotpStep last_used = -1;    // codes of this step and of those before it are spent
    std::size_t codes_left = 0; // recovery codes

    bool operator==(const SecondFactor&) const = default;
};

/// Second factors and recovery codes. The same promises as UserStore. A deleted user takes them
/// along; a blocked one, and one with another password, keeps them.
class SecondFactorStore {
public:
    virtual ~SecondFactorStore() = default;

    [[nodiscard]] virtual Result<std::optional<SecondFactor>, StoreError>
    find_second_factor(std::string_view user_id) = 0;

    /// Begins to set one up; what was begun before is forgotten. Errors: not_found (the user),
    /// blocked, name_taken (one is in force).
    [[nodiscard]] virtual Result<void, StoreError>
    begin_second_factor(std::string_view user_id, std::string_view sealed, Seconds now) = 0;

    /// Puts the one that was begun with this `sealed` in force, with these recovery codes and no
    /// others; `step` is spent. One conditional write. false: it is in force already, or was begun
    /// anew, or is gone.
    [[nodiscard]] virtual Result<bool, StoreError>
    confirm_second_factor(std::string_view user_id, std::string_view sealed, TotpStep step,
                          std::span<const std::string> code_digests, const Deed& deed) = 0;

    /// Spends the code of `step`: one conditional write, so that of all who show it one succeeds.
    /// `resealed` takes the place of `sealed`, which it may equal. false: the step, or a later one,
    /// was spent; or this is not what is in force.
    /// Errors: already_used (the ticket was; the step is not spent).
    [[nodiscard]] virtual Result<bool, StoreError>
    use_totp(std::string_view user_id, std::string_view sealed, TotpStep step,
             std::string_view resealed, const std::optional<GoodOnce>& ticket) = 0;

    /// Spends a recovery code: of all who show it one succeeds. false: there is no such one (left).
    /// Errors: already_used (the deed's ticket was; the code is not spent).
    [[nodiscard]] virtual Result<bool, StoreError>
    use_recovery_code(std::string_view user_id, std::string_view digest, const Deed& deed) = 0;

    /// false: nothing is in force that these could stand in for.
    [[nodiscard]] virtual Result<bool, StoreError>
    replace_recovery_codes(std::string_view user_id, std::span<const std::string> code_digests,
                           const Deed& deed) = 0;

    /// With all recovery codes. false: none was in force; then what was begun is gone all the same.
    [[nodiscard]] virtual Result<bool, StoreError> remove_second_factor(std::string_view user_id,
                                                                        const Deed& deed) = 0;
};

} // namespace gatehouse::auth
