#include "config/load/load.hpp"

#include <gmock/gmock.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// The first error, "" when it is good.
std::string judged(const std::string& yaml, const Environment& environment = {})
{
    const auto loaded = load_text(yaml, "gatehouse.yaml", environment);
    return loaded.errors.empty() ? ""
                                 : loaded.errors.front().key + ": " + loaded.errors.front().message;
}

constexpr auto good = "smtp: smtp://mail.example.com, from: a@example.com, "
                      "public_url: https://app.example.com";

std::string mail(const std::string& more, const std::string& base = good)
{
    return "mail: {" + base + (more.empty() ? "" : ", ") + more + "}\n";
}

TEST(MailSettings, MakeSenseTogether)
{
    const Environment password = {
        {"SMTP_PASSWORD", "word"}
    };

    const struct {
        const char* name;
        std::string yaml;
        const char* error;
        bool with_password = false;
    } rows[] = {
        {"nothing", "", ""},
        {"what it takes", mail(""), ""},
        {"a user with a password", mail("user: me"), "", true},
        {"a user without", mail("user: me"), "mail.user: has no password"},
        {"no sender", "mail: {smtp: smtp://a, public_url: https://a.example}",
         "mail.from: is missing"},
        {"no place", "mail: {smtp: smtp://a, from: a@example.com}", "mail.public_url: is missing"},
        {"both links instead",
         "mail: {smtp: smtp://a, from: a@example.com, reset_link: 'https://a/#{token}', "
         "verify_link: 'https://a/v#{token}'}", ""},
        {"a link without its token", mail("reset_link: 'https://a/reset'"),
         "mail.reset_link: \"https://a/reset\" is not a link for mails"},
        {"a password in the clear", mail("user: me, starttls: off"),
         "mail.starttls: the password would be sent in the clear", true},
        {"the same on loopback",
         mail("user: me, starttls: off",
         "smtp: smtp://127.0.0.1, from: a@example.com, public_url: https://a.example"),
         "", true},
        {"a template without its link", mail("templates: {reset_password: {text: hello}}"),
         "mail.templates.reset_password.text: does not show the link"},
        {"HTML without its link",
         mail("templates: {verify_email: {text: '{{link}}', html: hello}}"),
         "mail.templates.verify_email.html: does not show the link"},
        {"HTML alone", mail("templates: {address_changed: {html: hello}}"),
         "mail.templates.address_changed.html: stands beside no text"},
        {"a notice needs no link", mail("templates: {password_changed: {text: hello}}"), ""},
        {"a word that nothing is filled in for",
         mail("templates: {password_changed: {text: '{{token}}'}}"),
         "mail.templates.password_changed.text: \"token\" is nothing that can be filled in"},
        {"a subject of two lines",
         "mail:\n  templates:\n    verify_email:\n      subject: \"a\\nBcc: b\"\n", "mail.templates.verify_email.subject: has more than one line"},
        {"verified addresses without mail", "require_verified_email: true\n",
         "require_verified_email: nobody could verify an address"},
        {"verified addresses", mail("") + "require_verified_email: true\n", ""},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_THAT(judged(row.yaml, row.with_password ? password : Environment{}),
                    row.error[0] == '\0' ? testing::Matcher<std::string>(testing::Eq(""))
                                         : HasSubstr(row.error));
    }
}

TEST(MailSettings, TakeTextOfSeveralLines)
{
    const auto loaded = load_text("mail:\n  templates:\n    password_changed:\n      text: |\n"
                                  "        Hello {{name}},\n\n        bye\n",
                                  "gatehouse.yaml", {});
    ASSERT_THAT(loaded.errors, IsEmpty());
    EXPECT_EQ(loaded.settings.mail.templates.password_changed.text, "Hello {{name}},\n\nbye\n");
}

TEST(MailSettings, ShowNoPassword)
{
    const auto loaded = load_text(mail("user: me"), "gatehouse.yaml",
                                  {
                                      {"SMTP_PASSWORD", "hunter2"}
    });
    ASSERT_THAT(loaded.errors, IsEmpty());
    EXPECT_EQ(loaded.settings.mail.password.reveal(), "hunter2");
    for (const auto& shown : *loaded.settings.shown)
        EXPECT_EQ(shown.value.find("hunter2"), std::string::npos) << shown.key;
    // Nor what somebody wrote where no password belongs.
    EXPECT_THAT(judged(mail("", "smtp: 'smtp://me:hunter2@mail.example.com'")),
                testing::Not(HasSubstr("hunter2")));
}

} // namespace
} // namespace gatehouse::config
