#pragma once

#include "auth/audit/audit_record.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// One record for each security event; none is ever changed, but that a deleted user's lose their
/// addresses (see UserStore::delete_user). Most come with the write they tell of (see Deed). The
/// same promises as UserStore.
class AuditTrail {
public:
    virtual ~AuditTrail() = default;

    /// All of them or none. A record of a user who is deleted already loses its address.
    [[nodiscard]] virtual Result<void, StoreError>
    append_audit(std::span<const AuditRecord> records) = 0;

    struct AuditFilter {
        std::string user_id{}; // "": anybody's and nobody's
        std::string event{};   // "": of every kind
        Millis since = Millis::min();
    };

    /// Where a page begins: with the newest record before this.
    struct AuditPlace {
        Millis at = Millis::max();
        std::uint64_t number = 0;
    };

    /// Newest first: by time, then by number.
    [[nodiscard]] virtual Result<std::vector<AuditRecord>, StoreError>
    read_audit(const AuditFilter& filter, const AuditPlace& before, std::size_t limit) = 0;

    /// Forgets records from before `before`, at most so many. true: there may be more.
    [[nodiscard]] virtual Result<bool, StoreError> forget_audit_before(Millis before,
                                                                       std::size_t at_most) = 0;
};

} // namespace gatehouse::auth
