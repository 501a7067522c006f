#include "gateway/observe/log_line.hpp"

#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/observe/combined_line.hpp"
#include "gateway/observe/line_parts.hpp"

#include <array>
#include <cassert>

namespace gatehouse::gateway {
namespace {

/// The longest line this record can become: each byte of its texts as an escape of six, and what
/// stands between them (the times, the names, five numbers of up to 20 digits: some 600).
std::size_t most_bytes(const AccessRecord& record) noexcept
{
    constexpr std::size_t between = 1024;
    const auto texts = record.client.size() + record.method.size() + record.host.size() +
                       record.path.size() + record.user_id.size() + record.request_id.size() +
                       record.upstream.size() + record.refusal.size() + record.would_refuse.size() +
                       record.cache.size() + record.reason.size();
    return auth::json::most_string_bytes(texts) + between;
}

std::size_t most_bytes(const LoggedRequest& request) noexcept
{
    const AccessRecord& record = request;
    return most_bytes(record) +
           auth::json::most_string_bytes(request.query.size() + request.referer.size() +
                                         request.user_agent.size() + request.certificate.size());
}

/// `label` is the comma, the member's name and the colon.
void put_member(LineCursor& out, std::string_view label, std::string_view value)
{
    if (value.empty()) return;
    out.put(label);
    out.put_quoted(value);
}

/// `label` is a blank, the name and the equals sign.
void put_named_word(LineCursor& out, std::string_view label, std::string_view text)
{
    if (text.empty()) return;
    out.put(label);
    put_word(out, text);
}

/// Whether a field is wanted, known when the code is compiled.
struct UsualFields {
    [[nodiscard]] static constexpr bool has(config::LogField field) noexcept
    {
        return usual_fields.has(field);
    }
};

template <class Fields>
void put_json(LineCursor& line, const AccessRecord& record, SecondText& second, Fields fields)
{
    using enum config::LogField;
    const auto at = second_of(record.at);
    line.put(R"({"time":")");
    line.put(second.of(at));
    put_millisecond(line, record.at, at);
    line.put(R"(Z","log":"access")");
    if (fields.has(client)) put_member(line, R"(,"client":)", record.client);
    if (fields.has(method)) put_member(line, R"(,"method":)", record.method);
    if (fields.has(host)) put_member(line, R"(,"host":)", record.host);
    if (fields.has(path)) put_member(line, R"(,"path":)", without_query(record.path));
    if (fields.has(status)) {
        line.put(R"(,"status":)");
        line.put_number(record.status);
    }
    if (fields.has(bytes_in)) {
        line.put(R"(,"bytes_in":)");
        line.put_number(record.bytes_in);
    }
    if (fields.has(bytes_out)) {
        line.put(R"(,"bytes_out":)");
        line.put_number(record.bytes_out);
    }
    if (fields.has(milliseconds)) {
        line.put(R"(,"milliseconds":)");
        put_milliseconds(line, record.took);
    }
    if (fields.has(user_id)) put_member(line, R"(,"user_id":)", record.user_id);
    if (fields.has(request_id)) put_member(line, R"(,"request_id":)", record.request_id);
    if (fields.has(upstream)) put_member(line, R"(,"upstream":)", record.upstream);
    if (fields.has(refusal)) put_member(line, R"(,"refusal":)", record.refusal);
    if (fields.has(would_refuse)) put_member(line, R"(,"would_refuse":)", record.would_refuse);
    if (fields.has(reason)) put_member(line, R"(,"reason":)", record.reason);
    if (fields.has(cache)) put_member(line, R"(,"cache":)", record.cache);
}

void put_json_rest(LineCursor& line, const LoggedRequest& request, LogFields fields)
{
    using enum config::LogField;
    if (fields.has(query)) put_member(line, R"(,"query":)", request.query);
    if (fields.has(protocol)) put_member(line, R"(,"protocol":)", request.protocol);
    if (fields.has(referer)) put_member(line, R"(,"referer":)", request.referer);
    if (fields.has(user_agent)) put_member(line, R"(,"user_agent":)", request.user_agent);
    if (fields.has(trace_id)) put_member(line, R"(,"trace_id":)", request.trace_id);
    if (fields.has(tls)) put_member(line, R"(,"tls":)", request.tls);
    if (fields.has(tls_resumed) && request.tls_resumed) line.put(R"(,"tls_resumed":true)");
    if (fields.has(certificate)) put_member(line, R"(,"certificate":)", request.certificate);
    if (request.sample >= 1) return;
    line.put(R"(,"sample":)");
    put_ratio(line, request.sample);
}

void put_dev(LineCursor& line, const LoggedRequest& record, SecondText& second, LogFields fields)
{
    using enum config::LogField;
    constexpr std::size_t date_bytes = std::string_view("2026-11-21T").size();
    const auto at = second_of(record.at);
    line.put(second.of(at).substr(date_bytes));
    put_millisecond(line, record.at, at);
    if (fields.has(method)) put_named_word(line, " ", record.method);
    if (fields.has(path)) put_named_word(line, " ", without_query(record.path));
    if (fields.has(query)) put_named_word(line, "?", record.query);
    if (fields.has(status)) {
        line.put(' ');
        line.put_number(record.status);
    }
    if (fields.has(milliseconds)) {
        line.put(' ');
        put_milliseconds(line, record.took);
        line.put("ms");
    }
    if (fields.has(bytes_out)) {
        line.put(' ');
        line.put_number(record.bytes_out);
        line.put('B');
    }
    if (fields.has(user_id)) put_named_word(line, " user=", record.user_id);
    if (fields.has(upstream)) put_named_word(line, " upstream=", record.upstream);
    if (fields.has(refusal)) put_named_word(line, " refusal=", record.refusal);
    if (fields.has(would_refuse)) put_named_word(line, " would_refuse=", record.would_refuse);
    if (fields.has(reason)) put_named_word(line, " reason=", record.reason);
    if (fields.has(request_id)) put_named_word(line, " id=", record.request_id);
    if (fields.has(referer)) put_named_word(line, " referer=", record.referer);
    if (fields.has(user_agent)) put_named_word(line, " user_agent=", record.user_agent);
    if (fields.has(trace_id)) put_named_word(line, " trace=", record.trace_id);
    if (fields.has(tls)) put_named_word(line, " tls=", record.tls);
    if (fields.has(tls_resumed) && record.tls_resumed) line.put(" tls_resumed");
    if (fields.has(certificate)) put_named_word(line, " certificate=", record.certificate);
    if (record.sample >= 1) return;
    line.put(" sample=");
    put_ratio(line, record.sample);
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

void append_named_word(std::string& out, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    out.append(" ").append(name).append("=");
    const auto begin = out.size();
    out.resize(begin + most_word_bytes(value.size()));
    LineCursor cursor(out.data() + begin);
    put_word(cursor, value);
    out.resize(static_cast<std::size_t>(cursor.at() - out.data()));
}

/// Makes room for the whole line once and lets `put` fill it.
template <class Request, class Put>
std::string_view LineFormat::line(const Request& request, Put put)
{
    const auto most = most_bytes(request);
    if (room_.size() < most) room_.resize(most);
    LineCursor cursor(room_.data());
    put(cursor);
    cursor.put('\n');
    const auto size = static_cast<std::size_t>(cursor.at() - room_.data());
    assert(size <= most); // most_bytes() is wrong otherwise
    return {room_.data(), size};
}

std::string_view LineFormat::json(const AccessRecord& record)
{
    return line(record, [&](LineCursor& out) {
        put_json(out, record, second_, UsualFields{});
        out.put('}');
    });
}

std::string_view LineFormat::json(const LoggedRequest& request, LogFields fields)
{
    return line(request, [&](LineCursor& out) {
        put_json(out, request, second_, fields);
        put_json_rest(out, request, fields);
        out.put('}');
    });
}

std::string_view LineFormat::dev(const LoggedRequest& request, LogFields fields)
{
    return line(request, [&](LineCursor& out) { put_dev(out, request, second_, fields); });
}

std::string_view LineFormat::combined(const LoggedRequest& request, LogFields more)
{
    return line(request, [&](LineCursor& out) { put_combined(out, request, more); });
}

} // namespace gatehouse::gateway
