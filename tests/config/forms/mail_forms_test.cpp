#include "config/forms/mail_forms.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(SmtpAddress, SaysWhereAndHow)
{
    const struct {
        const char* url;
        const char* expected; // "" is refused
    } rows[] = {
        {"smtp://mail.example.com",           "tcp mail.example.com 587"},
        {"smtps://mail.example.com",          "tls mail.example.com 465"},
        {"smtp://mail.example.com:25",        "tcp mail.example.com 25" },
        {"smtps://[::1]:2465",                "tls ::1 2465"            },
        {"smtp://[::1]",                      "tcp ::1 587"             },
        {"smtp://user:word@mail.example.com", ""                        },
        {"smtp://mail.example.com/x",         ""                        },
        {"http://mail.example.com",           ""                        },
        {"smtp://",                           ""                        },
        {"smtp://mail.example.com:0",         ""                        },
        {"smtp://mail.example.com\r\n",       ""                        },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.url);
        const auto found = parse_smtp_address(row.url);
        const auto shown =
            found ? (found->tls ? "tls " : "tcp ") + found->host + " " + std::to_string(found->port)
                  : "";
        EXPECT_EQ(shown, row.expected);
    }
}

TEST(MailLink, HasOneTokenBehindItsHost)
{
    const struct {
        const char* link;
        bool good;
    } rows[] = {
        {"https://app.example.com/reset#token={token}", true },
        {"https://app.example.com/r?token={token}&x=1", true },
        {"https://app.example.com/{token}",             true },
        {"http://localhost:3000/reset#{token}",         true },
        {"http://app.example.com/reset#{token}",        false}, // the token in the clear
        {"https://app.example.com/reset",               false}, // of no use
        {"https://app.example.com/{token}/{token}",     false},
        {"https://{token}.example.com/",                false},
        {"https://app.example.com/{name}/{token}",      false},
        {"https://app.example.com/a b{token}",          false},
        {"https://app.example.com/\"{token}",           false},
        {"https://app.example.com/\n{token}",           false},
        {"javascript:alert('{token}')",                 false},
        {"//app.example.com/{token}",                   false},
        {"https://user@app.example.com/{token}",        false},
        {"",                                            false},
    };

    for (const auto& row : rows) EXPECT_EQ(is_mail_link(row.link), row.good) << row.link;
}

TEST(SenderAddress, IsOneAddressAndNothingElse)
{
    for (const auto* good : {"no-reply@example.com", "a.b+c@mail.example.com"})
        EXPECT_TRUE(is_sender_address(good)) << good;
    for (const auto* bad :
         {"", "example.com", "@example.com", "a@", "a@b@c", "a b@example.com", "<a@example.com>",
          "a@example.com\r\nBcc: b@example.com", "a,b@example.com", "\xC3\xA4@example.com"})
        EXPECT_FALSE(is_sender_address(bad)) << bad;
}

TEST(MailTemplate, IsFilledInAndEscaped)
{
    const MailValues values = {"https://a/?x=1&y=2", "a <b>", "O'Neil \"x\"", "{{link}}", "30"};
    EXPECT_EQ(filled("{{link}} {{ site }}-{{name}}", values, Filling::text),
              "https://a/?x=1&y=2 a <b>-O'Neil \"x\"");
    EXPECT_EQ(filled("<a href=\"{{link}}\">{{site}} {{name}}</a>", values, Filling::html),
              "<a href=\"https://a/?x=1&amp;y=2\">a &lt;b&gt; O&#39;Neil &quot;x&quot;</a>");
    // What was filled in is not filled in again.
    EXPECT_EQ(filled("{{address}}", values, Filling::text), "{{link}}");
    EXPECT_EQ(filled("{ {link} } p{color:red}", values, Filling::html), "{ {link} } p{color:red}");
}

TEST(MailTemplate, IsTriedBeforeItIsTaken)
{
    EXPECT_FALSE(problem_of_template("{{link}} {{minutes}} {{site}} {{name}} {{address}}"));
    EXPECT_FALSE(problem_of_template("no word at all"));
    ASSERT_TRUE(problem_of_template("{{lnk}}"));
    EXPECT_EQ(problem_of_template("{{lnk}}")->hint, "did you mean \"link\"?");
    EXPECT_TRUE(problem_of_template("{{token}}"));
    EXPECT_TRUE(problem_of_template("{{link"));
    EXPECT_TRUE(shows_link("x {{ link }}"));
    EXPECT_FALSE(shows_link("x {link} {{site}}"));
}

} // namespace
} // namespace gatehouse::config
