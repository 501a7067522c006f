#pragma once

#include "auth/audit/audit_record.hpp"
#include "auth/basics/clock.hpp"
#include "auth/passkeys/ceremony.hpp"
#include "auth/passkeys/passkey.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// Passkeys. The same promises as UserStore. A deleted user takes them along; a blocked one keeps
/// them, for nothing they open is open to that one.
class PasskeyStore {
public:
    virtual ~PasskeyStore() = default;

    /// Errors: not_found (the user), blocked, name_taken (somebody has a credential of this id),
    /// too_many_passkeys (the user has `most` of them).
    [[nodiscard]] virtual Result<void, StoreError>
    create_passkey(const Passkey& passkey, std::size_t most, const Deed& deed) = 0;
    [[nodiscard]] virtual Result<std::optional<Passkey>, StoreError>
    find_passkey(std::string_view id) = 0;
    /// Oldest first.
    [[nodiscard]] virtual Result<std::vector<Passkey>, StoreError>
    passkeys_of(std::string_view user_id) = 0;

    /// Keeps what came of a use: one conditional write, so that of two with the same count one
    /// succeeds. false: it is gone, or its count has not grown since it was looked up, though it
    /// counts.
    [[nodiscard]] virtual Result<bool, StoreError>
    use_passkey(std::string_view id, const passkeys::UsedCredential& used, Seconds at) = 0;

    /// false: this user has none such.
    [[nodiscard]] virtual Result<bool, StoreError> rename_passkey(std::string_view id,
                                                                  std::string_view user_id,
                                                                  std::string_view name,
                                                                  const Deed& deed) = 0;
    enum class Removal {
        done,
        unknown,    // this user has none such
        last_way_in // nothing was done: no password and no other passkey would be left
    };

    [[nodiscard]] virtual Result<Removal, StoreError>
    delete_passkey(std::string_view id, std::string_view user_id, const Deed& deed) = 0;

    /// What may be used once, such as a challenge, is used now. false: it had been. Forgotten after
    /// `expires_at`, when nobody takes it any more anyway.
    [[nodiscard]] virtual Result<bool, StoreError> spend(std::string_view digest,
                                                         Seconds expires_at) = 0;
};

} // namespace gatehouse::auth
