#include "gateway/trace/otlp_text.hpp"

#include "auth/json/writer.hpp"
#include "gateway/headers/hex.hpp"

#include <fmt/format.h>

#include <iterator>

namespace gatehouse::gateway {
namespace {

// Of the protocol: SpanKind and StatusCode.
constexpr int kind_internal = 1;
constexpr int kind_server = 2;
constexpr int kind_client = 3;
constexpr int status_error = 2;

/// Writes `"key":value` members and attributes; commas are its business.
class Members {
public:
    explicit Members(std::string& out) : out_(out) {}

    void text(std::string_view key, std::string_view value)
    {
        if (value.empty()) return;
        begin(key, "stringValue");
        auth::json::append_string(out_, value);
        out_ += "}}";
    }

    void number(std::string_view key, std::uint64_t value)
    {
        if (value == 0) return;
        begin(key, "intValue");
        fmt::format_to(std::back_inserter(out_), "\"{}\"}}}}", value);
    }

private:
    void begin(std::string_view key, std::string_view type)
    {
        fmt::format_to(std::back_inserter(out_), R"({}{{"key":"{}","value":{{"{}":)",
                       first_ ? "" : ",", key, type);
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

void append_hex(std::string& out, std::uint64_t number)
{
    char digits[hex_digits];
    put_hex(number, digits);
    out.append(digits, hex_digits);
}

int kind_of(SpanKind kind) noexcept
{
    switch (kind) {
    case SpanKind::request:
        return kind_server;
    case SpanKind::auth:
        return kind_internal;
    case SpanKind::upstream:
    case SpanKind::store:
        break;
    }
    return kind_client;
}

std::string name_of(const SpanRecord& span)
{
    switch (span.kind) {
    case SpanKind::request:
        if (span.route.empty()) return std::string(span.method.view());
        return fmt::format("{} {}", span.method.view(), span.route.view());
    case SpanKind::auth:
        return "auth";
    case SpanKind::upstream:
        return std::string(span.method.view());
    case SpanKind::store:
        break;
    }
    return fmt::format("{} {}", span.outcome.view(), span.route.view());
}

void append_request(Members& members, const SpanRecord& span)
{
    members.text("http.request.method", span.method.view());
    members.text("url.scheme", span.tls ? "https" : "http");
    members.text("url.path", span.path.view());
    members.text("http.route", span.route.view());
    members.number("http.response.status_code", span.status);
    members.text("server.address", span.address.view());
    members.number("server.port", span.port);
    members.text("client.address", span.client.view());
    members.text("user_agent.original", span.user_agent.view());
    members.text("enduser.id", span.user_id.view());
}

void append_upstream(Members& members, const SpanRecord& span)
{
    members.text("http.request.method", span.method.view());
    members.text("server.address", span.address.view());
    members.number("server.port", span.port);
    const auto host = span.address.view();
    const bool is_v6 = host.find(':') != host.npos;
    members.text("url.full",
                 fmt::format("{}://{}{}{}:{}{}", span.tls ? "https" : "http", is_v6 ? "[" : "",
                             host, is_v6 ? "]" : "", span.port, span.path.view()));
    members.number("http.response.status_code", span.status);
    members.number("http.request.resend_count", span.resends);
    members.text("gatehouse.upstream.connection", span.source.view());
}

void append_attributes(std::string& out, const SpanRecord& span)
{
    Members members(out);
    switch (span.kind) {
    case SpanKind::request:
        append_request(members, span);
        break;
    case SpanKind::auth:
        members.text("gatehouse.auth.outcome", span.outcome.view());
        members.text("gatehouse.auth.known_by", span.source.view());
        break;
    case SpanKind::upstream:
        append_upstream(members, span);
        break;
    case SpanKind::store:
        members.text("db.system.name", span.route.view());
        members.text("db.operation.name", span.outcome.view());
        break;
    }
    if (!span.failed) return;
    if (!span.error.empty()) return members.text("error.type", span.error.view());
    members.text("error.type", span.status == 0 ? "no_answer" : std::to_string(span.status));
}

} // namespace

void OtlpText::begin(const TraceResource& resource)
{
    spans_ = 0;
    text_ = R"({"resourceSpans":[{"resource":{"attributes":[)";
    Members members(text_);
    members.text("service.name", resource.service_name);
    members.text("service.version", resource.version);
    members.text("service.instance.id", resource.instance_id);
    members.text("host.name", resource.host_name);
    text_ += R"(]},"scopeSpans":[{"scope":{"name":"gatehouse","version":)";
    auth::json::append_string(text_, resource.version);
    text_ += R"(},"spans":[)";
}

void OtlpText::add(const SpanRecord& span)
{
    text_ += spans_++ == 0 ? R"({"traceId":")" : R"(,{"traceId":")";
    append_hex(text_, span.ids.trace_high);
    append_hex(text_, span.ids.trace_low);
    text_ += R"(","spanId":")";
    append_hex(text_, span.ids.span);
    if (span.parent != 0) {
        text_ += R"(","parentSpanId":")";
        append_hex(text_, span.parent);
    }
    fmt::format_to(std::back_inserter(text_), R"(","flags":{},"name":)", span.ids.flags);
    auth::json::append_string(text_, name_of(span));
    fmt::format_to(std::back_inserter(text_),
                   R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[)",
                   kind_of(span.kind), span.began, span.ended);
    append_attributes(text_, span);
    text_ += ']';
    if (span.failed)
        fmt::format_to(std::back_inserter(text_), R"(,"status":{{"code":{}}})", status_error);
    text_ += '}';
}

const std::string& OtlpText::finish()
{
    text_ += "]}]}]}";
    return text_;
}

} // namespace gatehouse::gateway
