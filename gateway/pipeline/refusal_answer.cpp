#include "gateway/pipeline/refusal_answer.hpp"

#include "auth/json/writer.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/security_preset.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;
using config::ErrorBody;

std::string_view message_of(const Refusal& refusal)
{
    return refusal.message.empty() ? default_message(refusal.code)
                                   : std::string_view{refusal.message};
}

/// The body up to the request's id.
std::string front_of_full(const Refusal& refusal)
{
    std::string front = R"({"error":)";
    Writer error{front};
    error.begin_object();
    error.member("status", status_of(refusal));
    error.member("code", to_string(refusal.code));
    error.member("message", message_of(refusal));
    error.name("requestId");
    return front + '"';
}

/// The body behind the request's id.
std::string back_of_full(const Refusal& refusal)
{
    std::string back = "\"";
    if (!refusal.fields.empty()) back += R"(,"fields":[)";
    for (const auto& problem : refusal.fields) {
        if (&problem != &refusal.fields.front()) back += ',';
        Writer each{back};
        each.begin_object();
        each.member("name", problem.name);
        each.member("message", problem.message);
        each.end_object();
    }
    if (!refusal.fields.empty()) back += ']';
    if (!refusal.members.empty()) back.append(",").append(refusal.members);
    return back + "}}";
}

/// One sentence for a person: there is no place for a list of fields.
std::string whole_message_of(const Refusal& refusal)
{
    std::string message;
    for (const auto& problem : refusal.fields) {
        if (!message.empty()) message += "; ";
        message.append(problem.name).append(": ").append(problem.message);
    }
    return message.empty() ? std::string(message_of(refusal)) : message;
}

/// The bodies of other servers, which know no id of a request.
std::string body_of(const Refusal& refusal, ErrorBody shape)
{
    std::string body = shape == ErrorBody::nested ? R"({"error":)" : "";
    Writer error{body};
    error.begin_object();
    if (shape == ErrorBody::nested) error.member("status", status_of(refusal));
    error.member("message", whole_message_of(refusal));
    if (!refusal.members.empty()) body.append(",").append(refusal.members);
    error.end_object();
    if (shape == ErrorBody::nested) body += '}';
    return body;
}

/// Says how to come in; for a token that was sent and is no good, that it is no good, and never
/// why: the code in the body tells expired, revoked and invalid apart.  R38
void write_challenge(HeadWriter& out, const Refusal& refusal)
{
    const auto code = refusal.code;
    if (!refusal.challenge.empty()) {
        out.put("WWW-Authenticate: Bearer ");
        out.put(refusal.challenge);
        return out.put("\r\n");
    }
    const bool bad_token = code == RefusalCode::token_expired ||
                           code == RefusalCode::token_revoked || code == RefusalCode::token_invalid;
    out.field("WWW-Authenticate", bad_token ? R"(Bearer error="invalid_token")" : "Bearer");
}

void write_refusal_fields(HeadWriter& out, unsigned status, const Refusal& refusal)
{
    const bool challenges = status == 401 || !refusal.challenge.empty();
    if (enforced("refusal.challenge") && challenges) write_challenge(out, refusal);
    if (enforced("refusal.allow") && status == 405) out.field("Allow", refusal.allow);
    if (enforced("refusal.retry_after") && (status == 429 || status == 503)) {
        out.put("Retry-After: ");
        out.put_number(std::max(refusal.retry_after, 1U));
        out.put("\r\n");
    }
    out.field("Cache-Control", "no-store");
}

/// The beginning of the head: all that the refusal alone decides.
void begin_refusal_head(HeadWriter& out, const Refusal& refusal)
{
    const auto status = status_of(refusal);
    begin_local_head(out, status);
    out.field("Content-Type", "application/json");
    write_refusal_fields(out, status, refusal);
}

/// A refusal, whole but for what the request adds to its head and its id in the middle of the body.
struct Frame {
    Frame(const Refusal& refusal, ErrorBody shape)
    {
        constexpr std::size_t between = 512; // our own words
        head.resize(between + refusal.challenge.size() + refusal.allow.size());
        HeadWriter writer(head);
        begin_refusal_head(writer, refusal);
        head.resize(writer.size());
        says_id = shape == ErrorBody::full;
        front = says_id ? front_of_full(refusal) : body_of(refusal, shape);
        if (says_id) back = back_of_full(refusal);
    }

    std::string head;
    std::string front;
    std::string back;
    bool says_id = true;
};

bool says_more_than_its_code(const Refusal& refusal)
{
    return !refusal.says_nothing() || refusal.status != 0 || refusal.retry_after != 0;
}

/// Of a refusal that says no more than its code, as nearly all do: made once.
const Frame& usual_frame(RefusalCode code, ErrorBody shape)
{
    static const auto frames = [] {
        std::vector<Frame> all;
        for (const auto& word : words(ErrorBody{})) {
            for (std::size_t i = 0; i < refusal_codes; ++i)
                all.emplace_back(Refusal(static_cast<RefusalCode>(i)), word.value);
        }
        return all;
    }();
    return frames[static_cast<std::size_t>(shape) * refusal_codes + static_cast<std::size_t>(code)];
}

/// The map from HTTP to gRPC of its own documentation: 16 UNAUTHENTICATED, 7 PERMISSION_DENIED,
/// 12 UNIMPLEMENTED, 14 UNAVAILABLE, 13 INTERNAL for a request that was wrong.
std::string_view grpc_status(unsigned status)
{
    switch (status) {
    case 401:
        return "16";
    case 403:
        return "7";
    case 404:
    case 405:
        return "12";
    case 429:
    case 502:
    case 503:
    case 504:
        return "14";
    default:
        return "13";
    }
}

bool is_grpc(std::string_view content_type)
{
    constexpr std::string_view grpc = "application/grpc";
    return equal_ignoring_case(content_type.substr(0, grpc.size()), grpc);
}

/// grpc-message is percent-encoded: whatever is not printable ASCII, and the percent sign.
void write_grpc_message(HeadWriter& out, std::string_view message)
{
    out.put("grpc-message: ");
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '%') {
            out.put(c);
        } else {
            out.put('%');
            out.put("0123456789ABCDEF"[byte >> 4U]);
            out.put("0123456789ABCDEF"[byte & 0xfU]);
        }
    }
    out.put("\r\n");
}

void write_grpc_refusal(HeadWriter& out, const Refusal& refusal, const RefusedRequest& request)
{
    begin_local_head(out, 200);
    const auto type = request.content_type.substr(0, 20);
    out.field("Content-Type", equal_ignoring_case(type, "application/grpc-web")
                                  ? "application/grpc-web"
                                  : "application/grpc");
    out.field("grpc-status", grpc_status(status_of(refusal)));
    write_grpc_message(out, message_of(refusal));
    out.field("Cache-Control", "no-store"); // caches may keep a 200 that does not say so
    write_extra_fields(out, request.fields);
    end_local_head(out, request.delivery, {BodyKind::length, 0});
}

} // namespace

void write_refusal(HeadWriter& out, const Refusal& refusal, const RefusedRequest& request)
{
    if (is_grpc(request.content_type)) return write_grpc_refusal(out, refusal, request);

    std::optional<Frame> own;
    if (says_more_than_its_code(refusal)) own.emplace(refusal, request.shape);
    const auto& frame = own ? *own : usual_frame(refusal.code, request.shape);
    const auto id = frame.says_id ? request.request_id : std::string_view{};
    out.put(frame.head);
    PresetWriter(request.delivery.security).write(out);
    write_extra_fields(out, request.fields);
    const auto body_bytes = frame.front.size() + id.size() + frame.back.size();
    end_local_head(out, request.delivery, {BodyKind::length, body_bytes});
    if (request.delivery.head_request) return;
    out.put(frame.front);
    out.put(id);
    out.put(frame.back);
}

} // namespace gatehouse::gateway
