#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"
#include "config/forms/mail_forms.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

Checked check_smtp_url(std::string_view text)
{
    if (parse_smtp_address(text)) return {};
    return Problem{"is not a mail server's URL", // which may have a password in it
                   "write smtp://host:587 or smtps://host:465; the user goes into mail.user, the "
                   "password into a file named as mail.password_file"};
}

Checked check_mail_address(std::string_view text)
{
    if (is_sender_address(text)) return {};
    return wrong(text, "is not an address that mails come from",
                 "write it alone, for example no-reply@example.com; a name goes into "
                 "mail.from_name");
}

Checked check_mail_link(std::string_view text)
{
    if (is_mail_link(text)) return {};
    return wrong(text, "is not a link for mails",
                 "write an https URL with one {token} behind its host, for example "
                 "https://app.example.com/reset#token={token}");
}

Checked check_mail_template(std::string_view text)
{
    if (text.empty()) return Problem{"is empty", "write a value, or remove the line"};
    return problem_of_template(text);
}

Checked check_mail_subject(std::string_view text)
{
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }))
        return Problem{"has more than one line", "write one"};
    return check_mail_template(text);
}

} // namespace

namespace forms {
const Form smtp_url{"`smtp://host[:port]` or `smtps://host[:port]`", check_smtp_url};
const Form mail_address{"address", check_mail_address};
const Form mail_link{"URL with `{token}`", check_mail_link};
const Form mail_subject{"text with `{{site}}`, `{{name}}`, `{{address}}`", check_mail_subject};
const Form mail_template{
    "text with `{{link}}`, `{{minutes}}`, `{{site}}`, `{{name}}`, `{{address}}`",
    check_mail_template};
} // namespace forms

} // namespace gatehouse::config
