#include "gateway/observe/combined_line.hpp"

#include "gateway/observe/line_parts.hpp"

#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// `[21/Nov/2026:12:00:00 +0000]`
void put_time(LineCursor& line, auth::Seconds at)
{
    using namespace std::chrono;
    const auto day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    line.put('[');
    line.put_padded<2>(unsigned{date.day()});
    line.put('/');
    line.put(months[unsigned{date.month()} - 1]);
    line.put('/');
    line.put_padded<4>(static_cast<unsigned>(int{date.year()}));
    line.put(':');
    line.put_padded<2>(static_cast<unsigned>(time.hours().count()));
    line.put(':');
    line.put_padded<2>(static_cast<unsigned>(time.minutes().count()));
    line.put(':');
    line.put_padded<2>(static_cast<unsigned>(time.seconds().count()));
    line.put(" +0000]");
}

/// What stands between quotes: nothing in it can end them, or the line.
void put_escaped(LineCursor& line, std::string_view text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!enforced("log.combined_escapes")) {
            line.put(c);
        } else if (c == '"' || c == '\\') {
            line.put('\\');
            line.put(c);
        } else if (byte >= 0x20 && byte < 0x7f) {
            line.put(c);
        } else {
            put_hex_escape(line, byte);
        }
    }
}

void put_quoted_or_dash(LineCursor& line, std::string_view text)
{
    line.put(" \"");
    if (text.empty()) line.put('-');
    put_escaped(line, text);
    line.put('"');
}

void put_word_or_dash(LineCursor& line, std::string_view text)
{
    if (text.empty()) return line.put('-');
    put_word(line, text);
}

void put_request_line(LineCursor& line, const LoggedRequest& request)
{
    if (request.method.empty()) return line.put(" \"-\"");
    line.put(" \"");
    put_escaped(line, request.method);
    line.put(' ');
    put_escaped(line, without_query(request.path));
    if (!request.query.empty()) line.put('?');
    put_escaped(line, request.query);
    line.put(' ');
    line.put(request.protocol);
    line.put('"');
}

void put_more(LineCursor& line, std::string_view name, std::string_view value)
{
    line.put(' ');
    line.put(name);
    line.put('=');
    line.put('"');
    put_escaped(line, value);
    line.put('"');
}

void put_chosen(LineCursor& line, const LoggedRequest& request, LogFields more)
{
    using enum config::LogField;
    if (more.has(host)) put_more(line, "host", request.host);
    if (more.has(request_id)) put_more(line, "request_id", request.request_id);
    if (more.has(trace_id)) put_more(line, "trace_id", request.trace_id);
    if (more.has(tls)) put_more(line, "tls", request.tls);
    if (more.has(tls_resumed)) put_more(line, "tls_resumed", request.tls_resumed ? "true" : "");
    if (more.has(certificate)) put_more(line, "certificate", request.certificate);
    if (more.has(upstream)) put_more(line, "upstream", request.upstream);
    if (more.has(refusal)) put_more(line, "refusal", request.refusal);
    if (more.has(would_refuse)) put_more(line, "would_refuse", request.would_refuse);
    if (more.has(reason)) put_more(line, "reason", request.reason);
    if (more.has(bytes_in)) {
        line.put(" bytes_in=");
        line.put_number(request.bytes_in);
    }
    if (more.has(bytes_out)) {
        line.put(" bytes_out=");
        line.put_number(request.bytes_out);
    }
    if (more.has(milliseconds)) {
        line.put(" milliseconds=");
        put_milliseconds(line, request.took);
    }
    if (!more.empty() && request.sample < 1) {
        line.put(" sample=");
        put_ratio(line, request.sample);
    }
}

} // namespace

void put_combined(LineCursor& line, const LoggedRequest& request, LogFields more)
{
    // nginx's word for a client that was gone before an answer; readers of such logs know it.
    constexpr unsigned client_closed_request = 499;
    put_word_or_dash(line, request.client);
    line.put(" - ");
    put_word_or_dash(line, request.user_id);
    line.put(' ');
    put_time(line, second_of(request.at));
    put_request_line(line, request);
    line.put(' ');
    line.put_number(request.status == 0 ? client_closed_request : request.status);
    line.put(' ');
    const auto body = request.bytes_out - std::min(request.head_bytes, request.bytes_out);
    if (body == 0) {
        line.put('-');
    } else {
        line.put_number(body);
    }
    put_quoted_or_dash(line, request.referer);
    put_quoted_or_dash(line, request.user_agent);
    put_chosen(line, request, more);
}

} // namespace gatehouse::gateway
