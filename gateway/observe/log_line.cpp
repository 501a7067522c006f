#include "gateway/observe/log_line.hpp"

#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/observe/line_cursor.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace gatehouse::gateway {
namespace {

/// The longest line this record can become: each byte of its texts as an escape of six, and what
/// stands between them (the times, twelve names, four numbers of up to 20 digits: some 350).
std::size_t most_bytes(const AccessRecord& record) noexcept
{
    constexpr std::size_t between = 512;
    const auto texts = record.client.size() + record.method.size() + record.host.size() +
                       record.path.size() + record.user_id.size() + record.request_id.size() +
                       record.upstream.size() + record.refusal.size() + record.reason.size();
    return auth::json::most_string_bytes(texts) + between;
}

void put_millisecond(LineCursor& out, auth::Millis at, auth::Seconds second)
{
    out.put('.');
    out.put_padded<3>(static_cast<unsigned>((at - second).count()));
}

/// Milliseconds with three digits after the point: `1.234`.
void put_milliseconds(LineCursor& out, std::chrono::microseconds took)
{
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
    out.put_number(micros / 1000);
    out.put('.');
    out.put_padded<3>(static_cast<unsigned>(micros % 1000));
}

/// `label` is the comma, the member's name and the colon.
void put_member(LineCursor& out, std::string_view label, std::string_view value)
{
    if (value.empty()) return;
    out.put(label);
    out.put_quoted(value);
}

/// Queries hold tokens more often than one likes. R66
std::string_view without_query(std::string_view path)
{
    return enforced("log.no_query") ? path.substr(0, path.find('?')) : path;
}

/// A word of a line for people: nothing in it can end the line or colour the terminal.
void put_word(LineCursor& out, std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!enforced("log.dev_escapes") || (byte > 0x20 && byte < 0x7f)) {
            out.put(c);
        } else {
            out.put("\\x");
            out.put("0123456789abcdef"[byte >> 4U]);
            out.put("0123456789abcdef"[byte & 0xfU]);
        }
    }
}

/// `label` is a blank, the name and the equals sign.
void put_named_word(LineCursor& out, std::string_view label, std::string_view text)
{
    if (text.empty()) return;
    out.put(label);
    put_word(out, text);
}

auth::Seconds second_of(auth::Millis at) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(at);
}

void put_json(LineCursor& line, const AccessRecord& record, SecondText& second)
{
    const auto at = second_of(record.at);
    line.put(R"({"time":")");
    line.put(second.of(at));
    put_millisecond(line, record.at, at);
    line.put(R"(Z","log":"access")");
    put_member(line, R"(,"client":)", record.client);
    put_member(line, R"(,"method":)", record.method);
    put_member(line, R"(,"host":)", record.host);
    put_member(line, R"(,"path":)", without_query(record.path));
    line.put(R"(,"status":)");
    line.put_number(record.status);
    line.put(R"(,"bytes_in":)");
    line.put_number(record.bytes_in);
    line.put(R"(,"bytes_out":)");
    line.put_number(record.bytes_out);
    line.put(R"(,"milliseconds":)");
    put_milliseconds(line, record.took);
    put_member(line, R"(,"user_id":)", record.user_id);
    put_member(line, R"(,"request_id":)", record.request_id);
    put_member(line, R"(,"upstream":)", record.upstream);
    put_member(line, R"(,"refusal":)", record.refusal);
    put_member(line, R"(,"reason":)", record.reason);
    line.put("}\n");
}

void put_dev(LineCursor& line, const AccessRecord& record, SecondText& second)
{
    constexpr std::size_t date_bytes = std::string_view("2026-11-21T").size();
    const auto at = second_of(record.at);
    line.put(second.of(at).substr(date_bytes));
    put_millisecond(line, record.at, at);
    line.put(' ');
    put_word(line, record.method);
    line.put(' ');
    put_word(line, without_query(record.path));
    line.put(' ');
    line.put_number(record.status);
    line.put(' ');
    put_milliseconds(line, record.took);
    line.put("ms ");
    line.put_number(record.bytes_out);
    line.put('B');
    put_named_word(line, " user=", record.user_id);
    put_named_word(line, " upstream=", record.upstream);
    put_named_word(line, " refusal=", record.refusal);
    put_named_word(line, " reason=", record.reason);
    put_named_word(line, " id=", record.request_id);
    line.put('\n');
}

} // namespace

void append_time(std::string& out, auth::Millis at)
{
    const auto second = second_of(at);
    SecondText text;
    char millisecond[4];
    LineCursor cursor(millisecond);
    put_millisecond(cursor, at, second);
    out.append(text.of(second)).append(millisecond, sizeof millisecond).append("Z");
}

void append_member(std::string& out, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":");
    auth::json::append_string(out, value);
}

/// Makes room for the whole line once and lets `put` fill it.
template <class Put>
std::string_view LineFormat::line(const AccessRecord& record, Put put)
{
    const auto most = most_bytes(record);
    if (room_.size() < most) room_.resize(most);
    LineCursor cursor(room_.data());
    put(cursor, record, second_);
    const auto size = static_cast<std::size_t>(cursor.at() - room_.data());
    assert(size <= most); // most_bytes() is wrong otherwise
    return {room_.data(), size};
}

std::string_view LineFormat::json(const AccessRecord& record)
{
    return line(record, put_json);
}

std::string_view LineFormat::dev(const AccessRecord& record)
{
    return line(record, put_dev);
}

void append_json_line(std::string& out, const AccessRecord& record)
{
    out += LineFormat().json(record);
}

void append_dev_line(std::string& out, const AccessRecord& record)
{
    out += LineFormat().dev(record);
}

} // namespace gatehouse::gateway
