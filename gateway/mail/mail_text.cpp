#include "gateway/mail/mail_text.hpp"

#include "auth/basics/id.hpp"
#include "config/forms/mail_forms.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using auth::LinkPurpose;
using auth::MailKind;
using config::MailTemplate;

// Few words and no sentence, for nobody knows what language the reader speaks. What a stranger
// could have chosen, such as a username, is in none of them.

constexpr std::string_view link_and_time = "{{site}}\n\n{{link}}\n\n({{minutes}} min)\n";
constexpr std::string_view notice = "{{site}}\n";

struct Words {
    const MailTemplate& own;
    std::string_view subject;
    std::string_view text;
};

Words words_for(const config::MailTemplates& all, MailKind kind)
{
    switch (kind) {
    case MailKind::reset_password:
        return {all.reset_password, "{{site}}: reset password", link_and_time};
    case MailKind::verify_email:
        return {all.verify_email, "{{site}}: verify email address", link_and_time};
    case MailKind::password_changed:
        return {all.password_changed, "{{site}}: password changed", notice};
    case MailKind::address_changed:
        break;
    }
    return {all.address_changed, "{{site}}: email address changed", notice};
}

/// `app.example.com` of a URL; without one, where the mails come from.
std::string site_of(const config::MailSettings& mail)
{
    const auto& url = !mail.public_url.empty() ? mail.public_url : mail.reset_link;
    const auto begin = url.find("://");
    if (begin == url.npos) return mail.from.substr(mail.from.find('@') + 1);
    const auto host = url.substr(begin + 3);
    return host.substr(0, host.find_first_of("/?#"));
}

std::string minutes_of(const config::MailSettings& mail, MailKind kind)
{
    const auto purpose = auth::link_in(kind);
    if (!purpose) return {};
    const auto life = *purpose == LinkPurpose::reset_password ? mail.reset_ttl : mail.verify_ttl;
    return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(life).count());
}

std::string_view or_else(const std::string& own, std::string_view usual)
{
    return own.empty() ? usual : std::string_view(own);
}

} // namespace

Secret link_of(const config::Settings& settings, LinkPurpose purpose, std::string_view token)
{
    const bool resets = purpose == LinkPurpose::reset_password;
    auto link = resets ? settings.mail.reset_link : settings.mail.verify_link;
    if (link.empty()) {
        link = settings.mail.public_url + settings.auth.prefix +
               (resets ? "/portal/reset#token={token}" : "/portal/verify#token={token}");
    }
    const auto place = link.find(config::token_mark);
    if (place != link.npos) link.replace(place, config::token_mark.size(), token);
    return Secret(std::move(link));
}

Message message_of(const config::Settings& settings, const auth::QueuedMail& mail,
                   const auth::User& user, const Secret& link, auth::Seconds now)
{
    const auto words = words_for(settings.mail.templates, mail.kind);
    const config::MailValues values = {std::string(link.reveal()), site_of(settings.mail),
                                       user.username.value_or(user.email.value_or("")),
                                       mail.address, minutes_of(settings.mail, mail.kind)};
    Message message;
    message.from = settings.mail.from;
    message.from_name = settings.mail.from_name;
    message.to = mail.address;
    message.subject =
        filled(or_else(words.own.subject, words.subject), values, config::Filling::text);
    message.text = filled(or_else(words.own.text, words.text), values, config::Filling::text);
    message.html = filled(words.own.html, values, config::Filling::html);
    message.date = now;
    message.id = auth::Id128::random().to_string();
    return message;
}

} // namespace gatehouse::gateway
