#include "gateway/mail/mail_carrier.hpp"

#include "auth/mail/link_token.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/mail/mail_text.hpp"
#include "gateway/mail/message.hpp"

#include <utility>

namespace gatehouse::gateway {

using auth::MailKind;
using auth::StoreError;
using Fate = MailCarrier::Outcome::Fate;
using namespace std::chrono_literals;

namespace {

/// Nobody else takes a mail while its server may still be answering.
constexpr auto spare_lease = 30s;

} // namespace

bool is_wanted(const auth::QueuedMail& mail, const auth::User& user)
{
    if (enforced("mail.unblocked") && user.blocked) return false;
    if (!auth::link_in(mail.kind)) return true;
    const bool verified = mail.kind == MailKind::verify_email && user.email_verified_at;
    // A link goes to the address that the account has now, and nowhere else.
    const bool elsewhere = enforced("mail.own_address") && mail.address != user.email;
    return !verified && !elsewhere;
}

MailCarrier::Outcome MailCarrier::carry(const config::Settings& settings, const Send& send,
                                        const std::function<bool()>& stopping)
{
    const auto now = clock_.now();
    const auto mail = store_.take_mail(now, now + settings.mail.timeout + spare_lease);
    if (!mail) return {.fate = Fate::store_away};
    if (!*mail) return {};
    auto outcome = deliver(settings, **mail, send, stopping);
    outcome.kind = (*mail)->kind;
    return outcome;
}

MailCarrier::Outcome MailCarrier::given_up(const auth::QueuedMail& mail, Fate fate, std::string why)
{
    // Where the store does not take it now, the next one finds it expired or gives it up as well.
    static_cast<void>(store_.remove_mail(mail.id, mail.attempts));
    return {.fate = fate, .why = std::move(why)};
}

Result<Secret, StoreError> MailCarrier::new_link(const config::Settings& settings,
                                                 const auth::QueuedMail& mail,
                                                 const auth::User& user)
{
    const auto purpose = auth::link_in(mail.kind);
    if (!purpose) return Secret();
    const bool resets = *purpose == auth::LinkPurpose::reset_password;
    const auto token = auth::make_link_token();
    const auto digest = auth::link_digest(token.reveal());
    const auto life = resets ? settings.mail.reset_ttl : settings.mail.verify_ttl;
    const auto kept = store_.keep_link({digest.value_or(""), *purpose, user.id,
                                        user.folded_email.value_or(""), clock_.seconds() + life});
    if (!kept) return kept.error();
    return link_of(settings, *purpose, token.reveal());
}

MailCarrier::Outcome MailCarrier::deliver(const config::Settings& settings,
                                          const auth::QueuedMail& mail, const Send& send,
                                          const std::function<bool()>& stopping)
{
    if (clock_.seconds() >= mail.expires_at) return given_up(mail, Fate::expired);
    if (enforced("mail.address") && !is_mailable(mail.address)) {
        return given_up(mail, Fate::refused, "is no address that mail can be sent to");
    }
    const auto user = store_.find_user(mail.user_id);
    if (!user) return {.fate = Fate::store_away};
    if (!*user || !is_wanted(mail, **user)) return given_up(mail, Fate::void_);
    const auto link = new_link(settings, mail, **user);
    if (!link) {
        if (link.error() == StoreError::unavailable) return {.fate = Fate::store_away};
        return given_up(mail, Fate::void_);
    }
    const auto message = message_of(settings, mail, **user, *link, clock_.seconds());
    const auto answer = send(message.from, message.to, written(message));
    switch (judge(answer)) {
    case Delivery::taken:
        static_cast<void>(store_.remove_mail(mail.id, mail.attempts));
        return {.fate = Fate::sent};
    case Delivery::refused:
        return given_up(mail, Fate::refused, answer.why);
    case Delivery::again:
        break;
    }
    const auto pause = stopping() ? 0ms : pause_after(mail.attempts, settings.mail.retry);
    static_cast<void>(store_.put_off_mail(mail.id, mail.attempts, clock_.now() + pause));
    return {.fate = Fate::again, .why = answer.why};
}

} // namespace gatehouse::gateway
