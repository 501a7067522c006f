#include "auth/revocation/logout_terms.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::auth {

namespace {

constexpr std::string_view prefix = "logout ";

[[nodiscard]] std::string name_of(const config::Settings& settings)
{
    if (settings.logout == config::Logout::immediate) return std::string(prefix) + "immediate";
    return std::string(prefix) + "confirmed, feed_lease " +
           std::to_string(settings.feed_lease.count()) + "ms";
}

} // namespace

LogoutTerms::LogoutTerms(Leases& leases, const config::Settings& settings, std::string holder)
    : leases_(leases),
      name_(name_of(settings)),
      holder_(std::move(holder))
{
}

Result<std::vector<Leases::Lease>, StoreError> LogoutTerms::declare(Millis now, Millis until)
{
    // false: somebody with the same terms holds it, and that says as much.
    const auto taken = leases_.take_lease(name_, holder_, now, until);
    if (!taken) return taken.error();
    const auto all = leases_.list_leases();
    if (!all) return all.error();
    auto others = logout_terms_in(*all, now);
    std::erase_if(others, [&](const auto& lease) { return lease.name == name_; });
    return others;
}

void LogoutTerms::withdraw(Millis now)
{
    // Where the store does not answer the lease ends by itself.
    [[maybe_unused]] const auto given_up = leases_.give_up_lease(name_, holder_, now);
}

std::vector<Leases::Lease> logout_terms_in(std::span<const Leases::Lease> leases, Millis now)
{
    std::vector<Leases::Lease> found;
    std::ranges::copy_if(leases, std::back_inserter(found), [&](const auto& lease) {
        return lease.name.starts_with(prefix) && now < lease.until;
    });
    return found;
}

} // namespace gatehouse::auth
