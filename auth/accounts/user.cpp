#include "auth/accounts/user.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

namespace {

void rename(std::optional<std::string>& shown, std::optional<std::string>& folded,
            const std::optional<Name>& to)
{
    shown.reset();
    folded.reset();
    if (!to) return;
    shown = to->shown;
    folded = to->folded;
}

} // namespace

std::string verified_email(const User& user)
{
    return user.email_verified_at ? user.folded_email.value_or("") : std::string();
}

User renamed(User user, const NameChange& change)
{
    if (change.username) rename(user.username, user.folded_username, *change.username);
    if (change.email) {
        const auto before = user.folded_email;
        rename(user.email, user.folded_email, *change.email);
        const bool is_another = user.folded_email != before;
        if (enforced("accounts.other_address_unverified") && is_another)
            user.email_verified_at.reset();
    }
    return user;
}

} // namespace gatehouse::auth
