#pragma once

#include "auth/store/leases.hpp"
#include "config/settings/settings.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What gateways on one store must have in common: a logout that one of them confirms says nothing
/// of another that does not take part, or that serves longer without having heard the feed.
///
/// Each holds a lease that is named after its terms; those with the same terms share it. So whoever
/// looks at the leases sees whether there is more than one opinion, also in tables of an older
/// version.
class LogoutTerms {
public:
    /// `holder` as in every lease: this process, unlike any other.
    LogoutTerms(Leases& leases, const config::Settings& settings, std::string holder);

    /// Says until `until` which terms hold here. Returns the leases of those who have others.
    [[nodiscard]] Result<std::vector<Leases::Lease>, StoreError> declare(Millis now, Millis until);
    void withdraw(Millis now);

    /// "logout confirmed, feed_lease 1000ms"
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] const std::string& holder() const noexcept { return holder_; }

private:
    Leases& leases_;
    const std::string name_;
    const std::string holder_;
};

/// The leases of this kind that run.
[[nodiscard]] std::vector<Leases::Lease> logout_terms_in(std::span<const Leases::Lease> leases,
                                                         Millis now);

} // namespace gatehouse::auth
