// What mails are for: a forgotten password, a proof that an address is one's own.
#include "auth/accounts/names.hpp"
#include "auth/accounts/passwords.hpp"
#include "auth/mail/link_token.hpp"
#include "auth/service/auth_service.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {

using Kind = AuthError::Kind;
using namespace std::chrono_literals;

bool AuthService::sends_mails() const noexcept
{
    return rooms_.mails != nullptr && settings_.mail.is_on();
}

bool AuthService::leave_mail(MailKind kind, std::string_view user_id, const Caller& caller,
                             std::string address) const
{
    if (!sends_mails()) return true;
    MailWish wish;
    wish.kind = kind;
    wish.user_id = user_id;
    wish.address = std::move(address);
    wish.asker = caller.address;
    wish.request_id = caller.request_id;
    return rooms_.mails->leave(std::move(wish));
}

Result<void, AuthError> AuthService::admit_mail(const Caller& caller)
{
    if (!sends_mails()) return AuthError(Kind::not_configured);
    const auto admitted = rooms_.throttle.take_mail_from(caller.address);
    if (admitted) return {};
    const auto& wait = admitted.error().retry_after;
    return wait ? AuthError(Kind::too_many_attempts, *wait)
                : to_auth_error(StoreError::unavailable);
}

bool AuthService::is_kept_out(const User& user) const
{
    // Who has no address has none to verify: operators make such accounts, and nobody else.
    return enforced("login.verified_email") && settings_.require_verified_email && user.email &&
           !user.email_verified_at;
}

Result<void, AuthError> AuthService::forgot_password(std::string_view address, const Caller& caller)
{
    if (!sends_mails()) return AuthError(Kind::not_configured);
    const auto name = read_email(address);
    if (!name) {
        return AuthError(std::vector<FieldProblem>{
            {"email", std::string(explain(name.error()))}
        });
    }
    auto admitted = admit_mail(caller);
    if (!admitted) return admitted;
    // Nobody has looked whether there is such an account, and the answer does not wait until
    // somebody has.  R54
    MailWish wish;
    wish.kind = MailKind::reset_password;
    wish.name = name->folded;
    wish.asker = caller.address;
    wish.request_id = caller.request_id;
    if (!rooms_.mails->leave(std::move(wish))) return AuthError(Kind::overloaded, 1s);
    return {};
}

Result<void, AuthError> AuthService::send_verification(const Principal& principal,
                                                       const Caller& caller)
{
    if (!sends_mails()) return AuthError(Kind::not_configured);
    const auto user = own_user(principal);
    if (!user) return user.error();
    auto admitted = admit_mail(caller);
    if (!admitted) return admitted;
    if (!leave_mail(MailKind::verify_email, user->id, caller))
        return AuthError(Kind::overloaded, 1s);
    return {};
}

Result<MailedLink, AuthError> AuthService::find_link(const Secret& token, LinkPurpose purpose)
{
    const auto digest = link_digest(token.reveal());
    if (!digest) return AuthError(Kind::link_invalid);
    auto found = rooms_.store.find_link(*digest);
    if (!found) return to_auth_error(found.error());
    // Only to spare work: the store judges again what it is about to use up.
    auto& link = *found;
    if (!link || link->purpose != purpose || rooms_.clock.now() >= link->expires_at) {
        return AuthError(Kind::link_invalid);
    }
    return *std::move(link);
}

Result<void, AuthError> AuthService::check_reset_link(const Secret& token, const Caller& caller)
{
    const auto link = find_link(token, LinkPurpose::reset_password);
    if (link) return {};
    note_refused(SecurityEventKind::password_reset, to_string(link.error().kind), "", "", caller);
    return link.error();
}

Result<std::string, AuthError> AuthService::reset_password(const Secret& token, const Secret& fresh,
                                                           const Caller& caller, HashPlace place)
{
    std::string user_id;
    const auto refuse = [&](AuthError error) {
        if (error.kind == Kind::not_found) error.kind = Kind::link_invalid;
        note_refused(SecurityEventKind::password_reset, to_string(error.kind), user_id, "", caller);
        return error;
    };
    const auto link = find_link(token, LinkPurpose::reset_password);
    if (!link) return refuse(link.error());
    user_id = link->user_id;
    const auto user = rooms_.store.find_user(user_id);
    if (!user) return to_auth_error(user.error());
    if (!*user) return refuse(Kind::link_invalid);
    const auto password = read_new_password(fresh, settings_.passwords, **user);
    if (!password) {
        return AuthError(std::vector<FieldProblem>{
            {"newPassword", explain(password.error(), settings_.passwords)}
        });
    }
    const auto hash = rooms_.hasher.hash(password->reveal(), place);
    if (!hash) return AuthError(Kind::overloaded, 1s);
    const auto ended = rooms_.store.reset_password(
        link->digest, *hash, deed(SecurityEventKind::password_reset, user_id, "", caller));
    if (!ended) return refuse(to_auth_error(ended.error()));
    refuse_from_now_on(*ended);
    note_done(SecurityEventKind::password_reset, user_id, "", caller);
    static_cast<void>(leave_mail(MailKind::password_changed, user_id, caller));
    return user_id;
}

Result<std::string, AuthError> AuthService::verify_email(const Secret& token, const Caller& caller)
{
    const auto refuse = [&](AuthError error, std::string_view user_id) {
        if (error.kind == Kind::not_found) error.kind = Kind::link_invalid;
        note_refused(SecurityEventKind::email_verify, to_string(error.kind), user_id, "", caller);
        return error;
    };
    const auto link = find_link(token, LinkPurpose::verify_email);
    if (!link) return refuse(link.error(), "");
    const auto verified = rooms_.store.verify_email(
        link->digest, deed(SecurityEventKind::email_verify, link->user_id, "", caller));
    if (!verified) return refuse(to_auth_error(verified.error()), link->user_id);
    note_done(SecurityEventKind::email_verify, link->user_id, "", caller);
    return link->user_id;
}

} // namespace gatehouse::auth
