#include "gateway/headers/downstream_head.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/field_template.hpp"
#include "gateway/headers/hop_by_hop.hpp"
#include "gateway/headers/own_cookies.hpp"
#include "gateway/headers/security_preset.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/limits/rate_fields.hpp"

namespace gatehouse::gateway {
namespace {

void write_status_line(HeadWriter& out, unsigned status, std::string_view reason)
{
    // Always our own version: HTTP/1.0 clients, too, are told what we speak (RFC 9110, 6.2).
    out.put("HTTP/1.1 ");
    out.put_number(status);
    out.put(' ');
    out.put(reason);
    out.put("\r\n");
}

void write_framing(HeadWriter& out, const Framing& body)
{
    if (body.kind == BodyKind::chunked) {
        out.put("Transfer-Encoding: chunked\r\n");
    } else if (body.kind == BodyKind::length) {
        out.put("Content-Length: ");
        out.put_number(body.length);
        out.put("\r\n");
    }
}

/// HTTP/1.0 closes unless told otherwise, HTTP/1.1 the other way round.
void write_connection(HeadWriter& out, const Delivery& delivery)
{
    if (!delivery.keep_alive) {
        out.put("Connection: close\r\n");
    } else if (delivery.client == Version::http_1_0) {
        out.put("Connection: keep-alive\r\n");
    }
}

void write_cors(HeadWriter& out, const Delivery& delivery)
{
    if (delivery.cors != nullptr) write_cors_fields(out, *delivery.cors, delivery.origin);
}

/// Behind all that upstream and route say, neither of which can take it away.
void write_coding(HeadWriter& out, const Delivery& delivery)
{
    if (delivery.coding == nullptr) return;
    if (!delivery.coding->coding.empty()) out.field("Content-Encoding", delivery.coding->coding);
    if (delivery.coding->adds_vary) out.field("Vary", "Accept-Encoding");
}

/// Whoever got such an answer from a cache would get somebody's session with it.  R58
void write_added(HeadWriter& out, const Delivery& delivery)
{
    if (delivery.added.empty()) return;
    write_extra_fields(out, delivery.added);
    out.field("Cache-Control", "no-store");
}

void write_hsts(HeadWriter& out, const Delivery& delivery)
{
    if (!delivery.hsts.empty()) [[unlikely]]
        out.field("Strict-Transport-Security", delivery.hsts);
}

/// What tells caches how long an answer may be kept.
bool is_about_keeping(std::string_view name) noexcept
{
    return enforced("headers.added_not_kept") &&
           (equal_ignoring_case(name, "cache-control") || equal_ignoring_case(name, "expires"));
}

/// What a route may say of the bytes that the service sends, and of no others.  RFC 9110, 8.8.3
bool is_of_plain_bytes(std::string_view name) noexcept
{
    return equal_ignoring_case(name, "etag") || equal_ignoring_case(name, "accept-ranges");
}

/// Whether the upstream's Content-Length speaks of a body that this answer leaves out on purpose.
bool describes_absent_body(unsigned status, const Delivery& delivery)
{
    if (delivery.body.kind != BodyKind::none) return false;
    // RFC 9110, 8.6: of a 1xx or a 204 nobody may say one, not even in answer to HEAD.
    return status == 304 || (delivery.head_request && status >= 200 && status != 204);
}

/// The upstream's fields on their way through.
class UpstreamFields {
public:
    UpstreamFields(const ResponseHead& head, const Delivery& delivery) noexcept
        : head_(head),
          delivery_(delivery),
          nominations_(head.fields),
          preset_(delivery.security),
          keep_length_(describes_absent_body(head.status, delivery))
    {
    }

    void write(HeadWriter& out) noexcept
    {
        for (const auto& field : head_.fields) {
            if (passes(field.name) && !is_guarded(field)) out.field(field.name, field.value);
        }
    }

    /// What the route adds to it, and last what nobody has said so far.
    void write_ours(HeadWriter& out) noexcept
    {
        if (delivery_.changes != nullptr) [[unlikely]]
            write_changes(out, *delivery_.changes);
        if (delivery_.security != config::SecurityHeaders::off) [[unlikely]]
            preset_.write(out);
    }

    [[nodiscard]] bool had_date() const noexcept { return had_date_; }

private:
    [[nodiscard]] bool passes(std::string_view name) noexcept
    {
        switch (transport_of(name)) {
        case Transport::hop_by_hop:
            return !enforced("headers.response_hop_by_hop");
        case Transport::trailer:
            return delivery_.body.kind == BodyKind::chunked;
        case Transport::transfer_encoding:
            return !enforced("headers.response_framing");
        case Transport::content_length:
            // Once: equal duplicates have passed the strict parser.
            return equal_ignoring_case(name, "content-length") &&
                   std::exchange(keep_length_, false);
        case Transport::websocket:
            // The protocol of a connection that is one is ours to tell.
            return head_.status != switching_protocols ||
                   !equal_ignoring_case(name, "sec-websocket-protocol");
        case Transport::none:
            break;
        }
        if (delivery_.cors != nullptr && enforced("cors.ours_alone") &&
            equal_ignoring_case(name.substr(0, 15), "access-control-"))
            return false;
        if (!delivery_.added.empty() && is_about_keeping(name)) return false;
        // A browser obeys the first one it finds.  RFC 6797, 8.1
        if (!delivery_.hsts.empty() && equal_ignoring_case(name, "strict-transport-security"))
            return false;
        if (equal_ignoring_case(name, "date")) had_date_ = true;
        if (nominations_.remove(name)) return false;
        if (delivery_.changes != nullptr && delivery_.changes->plan.drops(name)) return false;
        if (delivery_.security != config::SecurityHeaders::off) [[unlikely]]
            preset_.saw(name);
        return true;
    }

    void write_changes(HeadWriter& out, const AnswerChanges& changes) noexcept
    {
        for (const auto& line : changes.plan.lines) {
            // With a session in it an answer is kept nowhere, whatever the route says of that.
            if (!delivery_.added.empty() && is_about_keeping(line.name)) continue;
            if (is_packed() && is_of_plain_bytes(line.name)) continue;
            if (write_templated_field(out, line.name, line.value, changes.facts))
                preset_.saw(line.name);
        }
    }

    [[nodiscard]] bool is_packed() const noexcept
    {
        return delivery_.coding != nullptr && !delivery_.coding->coding.empty();
    }

    /// An upstream that could set our cookies could sign its visitors in as somebody else.
    [[nodiscard]] bool is_guarded(const Field& field) const noexcept
    {
        return !delivery_.guarded_cookies.empty() && enforced("headers.guarded_cookie") &&
               equal_ignoring_case(field.name, "set-cookie") &&
               sets_cookie_of(field.value, delivery_.guarded_cookies);
    }

    const ResponseHead& head_;
    const Delivery& delivery_;
    Nominations nominations_;
    PresetWriter preset_;
    bool keep_length_;
    bool had_date_ = false;
};

} // namespace

void write_downstream_head(HeadWriter& out, const ResponseHead& head,
                           const Delivery& delivery) noexcept
{
    write_status_line(out, head.status, head.reason);
    UpstreamFields upstream{head, delivery};
    upstream.write(out);
    const bool interim = head.status < 200; // says nothing of the answer or the connection
    if (!interim) {
        if (!upstream.had_date()) out.field("Date", delivery.date);
        upstream.write_ours(out);
        write_coding(out, delivery);
        write_cors(out, delivery);
        write_hsts(out, delivery);
        write_added(out, delivery);
        if (delivery.rates != nullptr) write_rate_fields(out, *delivery.rates);
        write_framing(out, delivery.body);
        write_connection(out, delivery);
    }
    out.put("\r\n");
}

void write_switching_head(HeadWriter& out, const ResponseHead& head, const Delivery& delivery,
                          std::string_view protocol) noexcept
{
    write_status_line(out, head.status, head.reason);
    UpstreamFields upstream{head, delivery};
    upstream.write(out);
    upstream.write_ours(out);
    out.put("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    if (!protocol.empty()) out.field("Sec-WebSocket-Protocol", protocol);
    write_added(out, delivery);
    out.put("\r\n");
}

void begin_local_head(HeadWriter& out, unsigned status) noexcept
{
    write_status_line(out, status, reason_phrase(status));
}

void write_extra_fields(HeadWriter& out, ExtraFields fields) noexcept
{
    for (const auto& [name, value] : fields) {
        if (enforced("headers.local_field") && (!is_token(name) || has_control(value))) continue;
        out.field(name, value);
    }
}

void end_local_head(HeadWriter& out, const Delivery& delivery, const Framing& body) noexcept
{
    out.field("Date", delivery.date);
    write_cors(out, delivery);
    write_hsts(out, delivery);
    if (delivery.rates != nullptr) write_rate_fields(out, *delivery.rates);
    write_framing(out, body);
    write_connection(out, delivery);
    out.put("\r\n");
}

void write_local_head(HeadWriter& out, unsigned status, ExtraFields fields,
                      const Delivery& delivery) noexcept
{
    // RFC 9110, 8.6: a length may not be said of a 204, and none but the whole file's of a 304.
    const bool says_no_length = status == 204 || status == 304;
    begin_local_head(out, status);
    write_extra_fields(out, fields);
    end_local_head(out, delivery, says_no_length ? Framing() : delivery.body);
}

std::string_view reason_phrase(unsigned status) noexcept
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    default:
        return {};
    }
}

} // namespace gatehouse::gateway
