#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/mail_forms.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

void error(const Node& root, const std::string& key, Problem problem, Report& report)
{
    report.error(nearest_node(root, key), key, std::move(problem));
}

/// A mail without its link is of no use to anybody; one of several parts shows it in each.
void validate_link_shown(const MailTemplate& mail, const std::string& key, const Node& root,
                         Report& report)
{
    for (const auto& [name, text] : {
             std::pair{"text", &mail.text},
             std::pair{"html", &mail.html}
    }) {
        const auto path = fmt::format("{}.{}", key, name);
        if (text->empty() || shows_link(*text) || report.blames(path)) continue;
        error(root, path, {"does not show the link", "write {{link}} where it is to stand"},
              report);
    }
}

/// Who has an HTML alternative but no text would send the text of this program beside it.
void validate_parts(const MailTemplate& mail, const std::string& key, const Node& root,
                    Report& report)
{
    if (mail.html.empty() || !mail.text.empty()) return;
    error(root, key + ".html",
          {"stands beside no text",
           fmt::format("write {}.text too, for readers that show no HTML", key)},
          report);
}

void validate_templates(const MailTemplates& all, const Node& root, Report& report)
{
    const std::string key = "mail.templates.";
    validate_link_shown(all.reset_password, key + "reset_password", root, report);
    validate_link_shown(all.verify_email, key + "verify_email", root, report);
    for (const auto& [name, mail] : {
             std::pair{"reset_password",   &all.reset_password  },
             std::pair{"verify_email",     &all.verify_email    },
             std::pair{"password_changed", &all.password_changed},
             std::pair{"address_changed",  &all.address_changed }
    }) {
        validate_parts(*mail, key + name, root, report);
    }
}

void validate_server(const MailSettings& mail, const Node& root, Report& report)
{
    const auto server = parse_smtp_address(mail.smtp);
    if (!server) return; // blamed before
    const bool in_clear =
        !server->tls && mail.starttls == StartTls::off && !is_loopback(server->host);
    if (enforced("config.mail_password_in_clear") && in_clear && !mail.user.empty()) {
        error(root, "mail.starttls",
              {"the password would be sent in the clear",
               "write starttls: required, or smtps:// in mail.smtp"},
              report);
    } else if (in_clear) {
        report.warning(nearest_node(root, "mail.starttls"), "mail.starttls",
                       {"links that open accounts are sent in the clear",
                        "write starttls: required, or smtps:// in mail.smtp"});
    }
    if (!mail.user.empty() && mail.password.empty() && !report.blames("mail.password_file")) {
        error(root, "mail.user",
              {"has no password", "name a file as mail.password_file, or set SMTP_PASSWORD"},
              report);
    }
}

} // namespace

void validate_mail(const Settings& settings, const Node& root, Report& report)
{
    const auto& mail = settings.mail;
    validate_templates(mail.templates, root, report);
    if (settings.require_verified_email && !mail.is_on()) {
        error(root, "require_verified_email",
              {"nobody could verify an address", "write mail.smtp, the server that sends mails"},
              report);
    }
    if (!mail.is_on() || report.blames("mail.smtp")) return;
    validate_server(mail, root, report);
    if (mail.from.empty()) {
        error(root, "mail.from",
              {"is missing", "write the address that mails come from: no-reply@example.com"},
              report);
    }
    if (mail.public_url.empty() && (mail.reset_link.empty() || mail.verify_link.empty())) {
        error(root, "mail.public_url",
              {"is missing", "write where people reach this gateway, for example "
                             "https://app.example.com, or both mail.reset_link and "
                             "mail.verify_link"},
              report);
    }
}

} // namespace gatehouse::config
