#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::config {

/// Whether a connection that begins without TLS has to go on with it.
enum class StartTls { automatic, required, off };

constexpr auto words(StartTls)
{
    using enum StartTls;
    return std::array{
        Word{"auto",     automatic},
        Word{"required", required },
        Word{"off",      off      }
    };
}

/// What one kind of mail says. YAML: `mail.templates.reset_password` and the like.
struct MailTemplate {
    std::string subject{};
    std::string text{};
    std::string html{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = MailTemplate;
        table.key("subject", &Self::subject, forms::mail_subject, "The subject, one line.");
        table.key("text", &Self::text, forms::mail_template, "The text.");
        table.key("html", &Self::html, forms::mail_template,
                  "The same as HTML, for readers that show it; what is filled in is escaped. "
                  "Without: the text alone.");
    }
};

/// YAML: `mail.templates`. What is not set has a text of few words (gateway/mail/default_texts).
struct MailTemplates {
    MailTemplate reset_password;
    MailTemplate verify_email;
    MailTemplate password_changed;
    MailTemplate address_changed;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = MailTemplates;
        table.section("reset_password", &Self::reset_password,
                      "Brings the link by which a new password is set: `{{link}}`.");
        table.section("verify_email", &Self::verify_email,
                      "Brings the link that proves an address: `{{link}}`.");
        table.section("password_changed", &Self::password_changed,
                      "Tells that a new password was set by such a link.");
        table.section("address_changed", &Self::address_changed,
                      "Tells the old address that the account has another one.");
    }
};

/// How mails are sent. YAML: `mail`.
struct MailSettings {
    std::string smtp{};
    StartTls starttls = StartTls::automatic;
    std::string user{};
    std::string password_file{};
    std::string ca_file{};
    std::string from{};
    std::string from_name{};
    std::string public_url{};
    std::string reset_link{};
    std::string verify_link{};
    std::chrono::seconds reset_ttl = 30min;
    std::chrono::seconds verify_ttl = 24h;
    std::chrono::milliseconds timeout = 30s;
    std::chrono::seconds retry = 15s;
    std::chrono::seconds keep_trying = 4h;
    std::uint32_t queue = 10'000;
    MailTemplates templates;

    /// From password_file, else from SMTP_PASSWORD (never YAML).
    Secret password{};

    [[nodiscard]] bool is_on() const noexcept { return !smtp.empty(); }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = MailSettings;
        table.key("smtp", &Self::smtp, forms::smtp_url,
                  "The server that takes our mails: `smtp://` goes on with TLS by STARTTLS (port "
                  "587 unless written), `smtps://` begins with it (465). Without: no mails, and "
                  "calls that need them answer 501.");
        table.key("starttls", &Self::starttls, AsTyped{},
                  "With `smtp://`: whether the connection has to go on with TLS. `auto`: unless "
                  "the server is on loopback.");
        table.key("user", &Self::user, forms::word,
                  "Who we are to the server. Without: it asks for no name.");
        table.key("password_file", &Self::password_file, forms::file_path,
                  "Holds the user's password. Without: `SMTP_PASSWORD` from the environment.");
        table.key("ca_file", &Self::ca_file, forms::file_path,
                  "Who may have signed the server's certificate (PEM). Without: the system's "
                  "authorities.");
        table.key("from", &Self::from, forms::mail_address,
                  "The address that mails come from, for example `no-reply@example.com`.");
        table.key("from_name", &Self::from_name, forms::mail_subject,
                  "What stands beside that address.");
        table.key("public_url", &Self::public_url, forms::origin,
                  "Where people reach this gateway, for the links in mails: "
                  "`https://app.example.com`.");
        table.key("reset_link", &Self::reset_link, forms::mail_link,
                  "The page where a new password is set; `{token}` stands for what it has to send "
                  "us. Without: the portal's, `/portal/reset#token={token}` below `auth.prefix`.");
        table.key("verify_link", &Self::verify_link, forms::mail_link,
                  "The page where an address is verified, likewise. Without: "
                  "`/portal/verify#token={token}`.");
        table.key("reset_ttl", &Self::reset_ttl, between(1min, 24h),
                  "How long such a link sets a password.");
        table.key("verify_ttl", &Self::verify_ttl, between(1min, 30 * 24h),
                  "How long such a link verifies an address.");
        table.key("timeout", &Self::timeout, between(1s, 5min),
                  "How long the server may take for one mail.");
        table.key("retry", &Self::retry, between(1s, 1h),
                  "How soon a mail that the server did not take is tried again; each time twice "
                  "as long, up to half an hour.");
        table.key("keep_trying", &Self::keep_trying, between(1min, 5 * 24h),
                  "How long a mail is tried again when the server does not take it.");
        table.key("queue", &Self::queue, count(10, 1'000'000),
                  "Most mails that may wait; one more is not sent.");
        table.section("templates", &Self::templates, "What mails say.");
    }
};

} // namespace gatehouse::config
