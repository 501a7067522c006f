#include "auth/accounts/user.hpp"

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

User renamed(User user, const NameChange& change)
{
    if (change.username) rename(user.username, user.folded_username, *change.username);
    if (change.email) rename(user.email, user.folded_email, *change.email);
    return user;
}

} // namespace gatehouse::auth
