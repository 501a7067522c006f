#include "gateway/mail/message.hpp"

#include "config/basics/enforced.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t longest_line = 76;  // RFC 2045, 6.7
constexpr std::size_t longest_plain = 60; // of a field's text, with room for its name

unsigned char byte_of(char c)
{
    return static_cast<unsigned char>(c);
}

bool is_printable(char c)
{
    return byte_of(c) >= 0x20 && byte_of(c) < 0x7f;
}

bool is_later_byte(char c)
{
    return (byte_of(c) & 0xC0U) == 0x80; // of a character in UTF-8
}

void append_hex(std::string& out, char c)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += '=';
    out += digits[byte_of(c) >> 4U];
    out += digits[byte_of(c) & 0xfU];
}

/// One line of quoted-printable text, broken where it is too long.
void append_quoted_line(std::string& out, std::string_view line)
{
    std::size_t length = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool blank = c == ' ' || c == '\t';
        const bool as_it_is =
            blank ? i + 1 < line.size() : is_printable(c) && c != '='; // a last blank gets lost
        const std::size_t width = as_it_is ? 1 : 3;
        if (length + width > longest_line - 1) {
            out.append("=").append(line_end);
            length = 0;
        }
        if (as_it_is)
            out += c;
        else
            append_hex(out, c);
        length += width;
    }
}

/// Where an encoded word of this text ends: before it is too long, between two characters.
std::size_t end_of_word(std::string_view text)
{
    constexpr std::size_t most = 39; // 64 characters with what is around; RFC 2047, 2: the line 76
    if (text.size() <= most) return text.size();
    auto end = most;
    while (end > 0 && is_later_byte(text[end])) --end;
    return end == 0 ? most : end;
}

std::string base64(std::string_view bytes)
{
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto at = [&](std::size_t n) {
            return i + n < bytes.size() ? unsigned{byte_of(bytes[i + n])} : 0U;
        };
        const auto three = (at(0) << 16U) | (at(1) << 8U) | at(2);
        out += digits[three >> 18U];
        out += digits[(three >> 12U) & 63U];
        out += i + 1 < bytes.size() ? digits[(three >> 6U) & 63U] : '=';
        out += i + 2 < bytes.size() ? digits[three & 63U] : '=';
    }
    return out;
}

void append_field(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append(line_end);
}

void append_part(std::string& out, std::string_view type, std::string_view text)
{
    append_field(out, "Content-Type", fmt::format("{}; charset=utf-8", type));
    append_field(out, "Content-Transfer-Encoding", "quoted-printable");
    out.append(line_end).append(quoted_printable(text));
}

void append_alternatives(std::string& out, const Message& message)
{
    const auto mark = "=_" + message.id; // no line of quoted-printable text holds `=_`
    append_field(out, "Content-Type",
                 fmt::format("multipart/alternative;\r\n boundary=\"{}\"", mark));
    out += line_end;
    for (const auto& [type, text] : {
             std::pair{"text/plain", &message.text},
             std::pair{"text/html",  &message.html}
    }) {
        out.append("--").append(mark).append(line_end);
        append_part(out, type, *text);
        out += line_end;
    }
    out.append("--").append(mark).append("--").append(line_end);
}

std::string sender(const Message& message)
{
    if (message.from_name.empty()) return message.from;
    const auto name = field_text(message.from_name);
    // A plain name is quoted, for marks in it mean something in a list of addresses.
    const bool encoded = name.starts_with("=?");
    if (encoded) return fmt::format("{}\r\n <{}>", name, message.from);
    std::string quoted;
    for (const char c : name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return fmt::format("\"{}\"\r\n <{}>", quoted, message.from);
}

} // namespace

std::string quoted_printable(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        append_quoted_line(out, line);
        out += line_end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string field_text(std::string_view text)
{
    const bool plain = std::ranges::all_of(text, is_printable) && text.size() <= longest_plain &&
                       text.find("=?") == text.npos;
    if (!enforced("mail.field_lines")) return std::string(text);
    if (plain) return std::string(text);
    std::string out;
    while (!text.empty()) {
        const auto end = end_of_word(text);
        if (!out.empty()) out.append(line_end).append(" ");
        out += fmt::format("=?utf-8?B?{}?=", base64(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return out;
}

std::string date_text(auth::Seconds time)
{
    // Not by strftime, whose names of days are those of a locale.
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto weekday = std::chrono::weekday(day).c_encoding();
    return fmt::format("{}, {:02} {} {} {:%H:%M:%S} +0000", days.at(weekday),
                       static_cast<unsigned>(date.day()),
                       months.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), time - day);
}

bool is_mailable(std::string_view address)
{
    constexpr std::string_view meaningful = "<>()[],;:\\\"";
    const auto at = address.find('@');
    return address.size() <= 254 && at != 0 && at != address.npos && at + 1 < address.size() &&
           std::ranges::count(address, '@') == 1 && !address.starts_with('-') &&
           std::ranges::all_of(address, [&](char c) {
               return is_printable(c) && c != ' ' && meaningful.find(c) == meaningful.npos;
           });
}

std::string written(const Message& message)
{
    std::string out;
    append_field(out, "From", sender(message));
    append_field(out, "To", message.to);
    append_field(out, "Subject", field_text(message.subject));
    append_field(out, "Date", date_text(message.date));
    const auto domain = message.from.substr(message.from.find('@') + 1);
    append_field(out, "Message-ID", fmt::format("<{}@{}>", message.id, domain));
    append_field(out, "MIME-Version", "1.0");
    append_field(out, "Auto-Submitted", "auto-generated"); // RFC 3834: nobody answers a robot
    if (message.html.empty())
        append_part(out, "text/plain", message.text);
    else
        append_alternatives(out, message);
    return out;
}

} // namespace gatehouse::gateway
