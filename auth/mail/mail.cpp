#include "auth/mail/mail.hpp"

#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

bool opens(const MailedLink& link, LinkPurpose purpose, const User& user, Millis now)
{
    if (enforced("link.purpose") && link.purpose != purpose) return false;
    if (enforced("link.expires") && now >= link.expires_at) return false;
    if (enforced("link.unblocked") && user.blocked) return false;
    return !enforced("link.same_address") || link.address == user.folded_email;
}

} // namespace gatehouse::auth
