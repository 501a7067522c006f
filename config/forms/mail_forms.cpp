#include "config/forms/mail_forms.hpp"

#include "config/basics/enforced.hpp"
#include "config/diagnostics/nearest.hpp"
#include "config/forms/address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";
constexpr std::uint16_t submission = 587;
constexpr std::uint16_t submissions = 465; // RFC 8314

bool is_plain(char c)
{
    return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\';
}

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// Gives each piece of text to `text` and each word between braces to `word`; false: one is open.
template <class Text, class Word>
bool walk(std::string_view rest, Text text, Word word)
{
    while (true) {
        const auto begin = rest.find(opening);
        text(rest.substr(0, begin));
        if (begin == rest.npos) return true;
        rest.remove_prefix(begin + opening.size());
        const auto end = rest.find(closing);
        if (end == rest.npos) return false;
        word(trimmed(rest.substr(0, end)));
        rest.remove_prefix(end + closing.size());
    }
}

void append_escaped(std::string& out, std::string_view text)
{
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
}

} // namespace

std::optional<SmtpAddress> parse_smtp_address(std::string_view url)
{
    SmtpAddress address;
    address.tls = url.starts_with("smtps://");
    if (!address.tls && !url.starts_with("smtp://")) return std::nullopt;
    const auto authority = url.substr(url.find("://") + 3);
    // The grammar behind the scheme is that of an endpoint, but for the port nobody wrote.
    const auto place = parse_endpoint("http://" + std::string(authority));
    if (!place) return std::nullopt;
    const auto behind = authority.substr(std::min(authority.rfind(']'), authority.size()));
    const bool has_port =
        (authority.starts_with('[') ? behind : authority).find(':') != authority.npos;
    address.host = place->host;
    address.port = has_port ? place->port : address.tls ? submissions : submission;
    return address;
}

bool is_mail_link(std::string_view text)
{
    const bool https = text.starts_with("https://");
    if (!https && !text.starts_with("http://")) return false;
    const auto authority = text.substr(https ? 8 : 7);
    const auto host = authority.substr(0, authority.find_first_of("/?#"));
    const auto place = parse_endpoint("http://" + std::string(host));
    if (!place || (!https && !is_loopback(place->host))) return false;
    const auto rest = authority.substr(host.size());
    const auto mark = rest.find(token_mark);
    if (enforced("config.mail_link_token") &&
        (mark == rest.npos || rest.find(token_mark, mark + 1) != rest.npos)) {
        return false;
    }
    return std::ranges::all_of(rest, is_plain) &&
           std::ranges::count(rest, '{') == (mark == rest.npos ? 0 : 1);
}

bool is_sender_address(std::string_view text)
{
    const auto at = text.rfind('@');
    if (at == text.npos || at == 0 || text.size() > 254) return false;
    const auto domain = text.substr(at + 1);
    return std::ranges::all_of(text, is_plain) && std::ranges::count(text, '@') == 1 &&
           text.find_first_of("(),:;[]") == text.npos &&
           parse_endpoint("http://" + std::string(domain)).has_value();
}

std::optional<Problem> problem_of_template(std::string_view text)
{
    std::optional<Problem> problem;
    const bool closed = walk(
        text, [](std::string_view) {},
        [&](std::string_view word) {
            if (problem || std::ranges::find(mail_fills, word) != mail_fills.end()) return;
            problem = Problem{fmt::format("{} is nothing that can be filled in", quoted(word)),
                              nearest_hint(word, mail_fills)};
        });
    if (!problem && !closed) problem = Problem{"has a {{ without its }}", "write {{link}}"};
    return problem;
}

bool shows_link(std::string_view mail_template)
{
    bool shown = false;
    walk(
        mail_template, [](std::string_view) {},
        [&](std::string_view word) { shown = shown || word == mail_fills[0]; });
    return shown;
}

std::string filled(std::string_view mail_template, const MailValues& values, Filling filling)
{
    std::string out;
    walk(
        mail_template, [&](std::string_view text) { out += text; },
        [&](std::string_view word) {
            const auto found = std::ranges::find(mail_fills, word);
            if (found == mail_fills.end()) return;
            const auto& value = values.at(static_cast<std::size_t>(found - mail_fills.begin()));
            if (filling == Filling::html && enforced("mail.html_escaped"))
                append_escaped(out, value);
            else
                out += value;
        });
    return out;
}

} // namespace gatehouse::config
