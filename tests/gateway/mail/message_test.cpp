#include "gateway/mail/message.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Message plain()
{
    Message message;
    message.from = "no-reply@example.com";
    message.to = "ada@example.com";
    message.subject = "hello";
    message.text = "hello\n";
    message.date = auth::Seconds{std::chrono::seconds{1'800'000'000}};
    message.id = "Xb3v0Q";
    return message;
}

std::vector<std::string> lines_of(const std::string& mail)
{
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < mail.size();) {
        const auto end = mail.find("\r\n", begin);
        lines.push_back(mail.substr(begin, end - begin));
        begin = end == mail.npos ? mail.size() : end + 2;
    }
    return lines;
}

/// How many lines begin a field of this name.
std::ptrdiff_t fields_called(const std::string& mail, const std::string& name)
{
    return std::ranges::count_if(
        lines_of(mail), [&](const std::string& line) { return line.starts_with(name + ":"); });
}

std::string decoded(std::string_view quoted)
{
    std::string out;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        if (quoted[i] != '=') {
            out += quoted[i];
        } else if (quoted.substr(i, 3) == "=\r\n") {
            i += 2;
        } else {
            out += static_cast<char>(std::stoi(std::string(quoted.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        }
    }
    return out;
}

TEST(Message, IsWrittenWhole)
{
    EXPECT_EQ(written(plain()), "From: no-reply@example.com\r\n"
                                "To: ada@example.com\r\n"
                                "Subject: hello\r\n"
                                "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"
                                "Message-ID: <Xb3v0Q@example.com>\r\n"
                                "MIME-Version: 1.0\r\n"
                                "Auto-Submitted: auto-generated\r\n"
                                "Content-Type: text/plain; charset=utf-8\r\n"
                                "Content-Transfer-Encoding: quoted-printable\r\n"
                                "\r\n"
                                "hello\r\n");
}

TEST(Message, NothingInAFieldBeginsAnother)
{
    for (const std::string hostile :
         {"a\r\nBcc: eve@example.com", "a\nBcc: eve@example.com", "a\rBcc: eve@example.com",
          "=?utf-8?Q?a=0D=0ABcc:_eve?=", "a\r\n\r\nbody", "\xC3\xA4\r\nBcc: eve@example.com"}) {
        SCOPED_TRACE(hostile);
        auto message = plain();
        message.subject = message.from_name = hostile;
        const auto mail = written(message);
        EXPECT_EQ(fields_called(mail, "Bcc"), 0);
        EXPECT_EQ(fields_called(mail, "Subject"), 1);
        EXPECT_EQ(mail.find("\r\n\r\n"), mail.find("quoted-printable") + 16);
        for (const char c : mail) EXPECT_TRUE(c == '\r' || c == '\n' || (c >= ' ' && c < '\x7f'));
        EXPECT_THAT(mail, Not(HasSubstr("=0D=0A")));
    }
}

TEST(Message, LongAndForeignSubjectsAreEncodedWords)
{
    EXPECT_EQ(field_text("plain (text), with: marks"), "plain (text), with: marks");
    EXPECT_EQ(field_text("Gr\xC3\xBC\xC3\x9F"
                         "e"),
              "=?utf-8?B?R3LDvMOfZQ==?=");
    std::string names;
    for (int i = 0; i < 40; ++i) names += "\xE2\x82\xAC"; // 120 bytes
    const auto text = field_text(names);
    for (const auto& line : lines_of("Subject: " + text)) {
        EXPECT_LE(line.size(), 76U);
        EXPECT_THAT(line, EndsWith("?="));
    }
    // No character is cut in two: each word is text by itself.
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST(Message, ANameBesideTheAddressIsQuoted)
{
    auto message = plain();
    message.from_name = R"(Eve, "the" <eve@example.com>)";
    EXPECT_THAT(
        written(message),
        StartsWith("From: \"Eve, \\\"the\\\" <eve@example.com>\"\r\n <no-reply@example.com>"));
}

TEST(Message, BothFormsStandBesideEachOther)
{
    auto message = plain();
    message.html = "<p>hello</p>\n";
    const auto mail = written(message);
    EXPECT_THAT(mail, HasSubstr("Content-Type: multipart/alternative;\r\n boundary=\"=_Xb3v0Q\"\r\n"
                                "\r\n--=_Xb3v0Q\r\nContent-Type: text/plain"));
    EXPECT_THAT(mail, HasSubstr("hello\r\n\r\n--=_Xb3v0Q\r\nContent-Type: text/html"));
    EXPECT_THAT(mail, EndsWith("<p>hello</p>\r\n\r\n--=_Xb3v0Q--\r\n"));
}

TEST(QuotedPrintable, ComesBackAsItWas)
{
    const std::string texts[] = {
        "",
        "hello\r\n",
        "a=b \r\nc\t\r\n",
        ".\r\n..\r\nFrom me\r\n",
        std::string(200, 'x') + "\r\n",
        std::string(75, 'x') + " \r\n",
        std::string(74, 'x') + "=\r\n",
        "\xE2\x82\xAC \xF0\x9F\x9A\xAA https://a/#token=xyz\r\n",
        "control \x01\x7f\r\n",
        "a lone \r in the middle\r\n",
    };
    for (const auto& text : texts) {
        SCOPED_TRACE(text);
        const auto quoted = quoted_printable(text);
        EXPECT_EQ(decoded(quoted), text);
        for (const auto& line : lines_of(quoted)) {
            EXPECT_LE(line.size(), 76U);
            EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\t'));
        }
    }
    EXPECT_EQ(quoted_printable("a\nb"), "a\r\nb\r\n");
}

TEST(Mailable, IsWhatASmtpCommandTakesAsItIs)
{
    for (const auto* good : {"ada@example.com", "a.b+c'd@mail.example.com", "A@b"})
        EXPECT_TRUE(is_mailable(good)) << good;
    for (const auto* bad :
         {"", "ada", "@b", "a@", "a@b@c", "a@b>", "<a@b", "a b@c", "a@b\r\nRCPT TO:<c@d>", "a@b\n",
          "a,b@c", "\xC3\xA4@b", "-f@b", "a@[127.0.0.1]", "a\"@b"})
        EXPECT_FALSE(is_mailable(bad)) << bad;
}

} // namespace
} // namespace gatehouse::gateway
