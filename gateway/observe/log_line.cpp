#include "gateway/observe/log_line.hpp"

#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"

#include <charconv>
#include <chrono>

namespace gatehouse::gateway {
namespace {

void append_number(std::string& out, std::uint64_t number)
{
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

/// With leading zeros; `width` is 2 to 4.
void append_padded(std::string& out, unsigned number, unsigned width)
{
    for (unsigned divisor = width == 4 ? 1000 : width == 3 ? 100 : 10; divisor > 0; divisor /= 10)
        out += static_cast<char>('0' + number / divisor % 10);
}

void append_clock(std::string& out, auth::Millis at)
{
    using namespace std::chrono;
    const hh_mm_ss time{at - floor<days>(at)};
    append_padded(out, static_cast<unsigned>(time.hours().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(time.minutes().count()), 2);
    out += ':';
    append_padded(out, static_cast<unsigned>(time.seconds().count()), 2);
    out += '.';
    append_padded(out, static_cast<unsigned>(time.subseconds().count()), 3);
}

/// Milliseconds with three digits after the point: `1.234`.
void append_milliseconds(std::string& out, std::chrono::microseconds took)
{
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    append_number(out, micros / 1000);
    out += '.';
    append_padded(out, static_cast<unsigned>(micros % 1000), 3);
}

void append_number_member(std::string& out, std::string_view name, std::uint64_t number)
{
    out.append(",\"").append(name).append("\":");
    append_number(out, number);
}

/// Queries hold tokens more often than one likes. R66
std::string_view without_query(std::string_view path)
{
    return enforced("log.no_query") ? path.substr(0, path.find('?')) : path;
}

/// A word of a line for people: nothing in it can end the line or colour the terminal.
void append_word(std::string& out, std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!enforced("log.dev_escapes") || (byte > 0x20 && byte < 0x7f)) {
            out += c;
        } else {
            out += "\\x";
            out += "0123456789abcdef"[byte >> 4U];
            out += "0123456789abcdef"[byte & 0xfU];
        }
    }
}

void append_named_word(std::string& out, std::string_view name, std::string_view text)
{
    if (text.empty()) return;
    out.append(" ").append(name).append("=");
    append_word(out, text);
}

} // namespace

void append_time(std::string& out, auth::Millis at)
{
    using namespace std::chrono;
    const year_month_day date{floor<days>(at)};
    append_padded(out, static_cast<unsigned>(int{date.year()}), 4);
    out += '-';
    append_padded(out, unsigned{date.month()}, 2);
    out += '-';
    append_padded(out, unsigned{date.day()}, 2);
    out += 'T';
    append_clock(out, at);
    out += 'Z';
}

void append_member(std::string& out, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":");
    auth::json::append_string(out, value);
}

void append_json_line(std::string& out, const AccessRecord& record)
{
    out += R"({"time":")";
    append_time(out, record.at);
    out += R"(","log":"access")";
    append_member(out, "client", record.client);
    append_member(out, "method", record.method);
    append_member(out, "host", record.host);
    append_member(out, "path", without_query(record.path));
    append_number_member(out, "status", record.status);
    append_number_member(out, "bytes_in", record.bytes_in);
    append_number_member(out, "bytes_out", record.bytes_out);
    out += R"(,"milliseconds":)";
    append_milliseconds(out, record.took);
    append_member(out, "user_id", record.user_id);
    append_member(out, "request_id", record.request_id);
    append_member(out, "upstream", record.upstream);
    append_member(out, "refusal", record.refusal);
    append_member(out, "reason", record.reason);
    out += "}\n";
}

void append_dev_line(std::string& out, const AccessRecord& record)
{
    append_clock(out, record.at);
    out += ' ';
    append_word(out, record.method);
    out += ' ';
    append_word(out, without_query(record.path));
    out += ' ';
    append_number(out, record.status);
    out += ' ';
    append_milliseconds(out, record.took);
    out += "ms ";
    append_number(out, record.bytes_out);
    out += 'B';
    append_named_word(out, "user", record.user_id);
    append_named_word(out, "upstream", record.upstream);
    append_named_word(out, "refusal", record.refusal);
    append_named_word(out, "reason", record.reason);
    append_named_word(out, "id", record.request_id);
    out += '\n';
}

} // namespace gatehouse::gateway
