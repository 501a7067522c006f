#pragma once

#include "auth/apikeys/api_key.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

/// API keys. The same promises as UserStore. A user who is blocked or deleted takes all keys along:
/// blocking revokes them in its transaction, and deleting removes them. What happens to a key is
/// told to the feed in the same transaction.
class ApiKeyStore {
public:
    virtual ~ApiKeyStore() = default;

    /// Errors: not_found (the user), blocked, unavailable (also where the id is taken).
    [[nodiscard]] virtual Result<void, StoreError> create_api_key(const ApiKey& key,
                                                                  const Deed& deed) = 0;

    // Revoked and expired ones too, until they are forgotten.

    [[nodiscard]] virtual Result<std::optional<ApiKey>, StoreError>
    find_api_key(std::string_view id) = 0;
    /// In the order of their ids; `after` is the last id of the previous page or "".
    [[nodiscard]] virtual Result<std::vector<ApiKey>, StoreError>
    list_api_keys(std::string_view after, std::size_t limit) = 0;
    /// Oldest first.
    [[nodiscard]] virtual Result<std::vector<ApiKey>, StoreError>
    api_keys_of(std::string_view user_id) = 0;

    /// true: it was not revoked and is now, also when it had expired. An unknown or revoked key is
    /// no error.
    [[nodiscard]] virtual Result<bool, StoreError> revoke_api_key(std::string_view id,
                                                                  const Deed& deed) = 0;
    /// Unknown ones are left out. Time only goes forward.
    [[nodiscard]] virtual Result<void, StoreError>
    note_api_keys_used(std::span<const std::string> ids, Seconds at) = 0;
};

} // namespace gatehouse::auth
