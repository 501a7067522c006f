#include "gateway/http/request_parser.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/authority.hpp"
#include "gateway/http/field_lines.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/request_target.hpp"
#include "gateway/http/websocket_handshake.hpp"

namespace gatehouse::gateway {
namespace {

std::optional<Version> version_of(std::string_view text) noexcept
{
    if (text == "HTTP/1.1") return Version::http_1_1;
    if (text == "HTTP/1.0") return Version::http_1_0;
    return {};
}

/// `method SP request-target SP HTTP-version`, each blank alone (RFC 9112, 3).
std::optional<ParseError> read_request_line(std::string_view line, RequestHead& head)
{
    const auto method_size = line.find(' ');
    head.method = line.substr(0, method_size);
    if (enforced("http.method_token") && !is_token(head.method)) return ParseError::bad_start_line;
    if (method_size == line.npos) return ParseError::bad_target;

    const auto rest = line.substr(method_size + 1);
    const auto target_size = rest.find(' ');
    head.target = rest.substr(0, target_size);
    if (head.target.empty()) return ParseError::bad_target;
    if (target_size == rest.npos) return ParseError::bad_version;

    const auto version = version_of(rest.substr(target_size + 1));
    if (enforced("http.request_version") && !version) return ParseError::bad_version;
    head.version = version.value_or(Version::http_1_1);
    return {};
}

/// What the bytes of an unfinished head already prove wrong. Without this an HTTP/0.9 client
/// would wait for the head deadline, and an endless target would look like an endless head.
std::optional<ParseError> early_verdict(std::string_view text, const config::LimitSettings& limits)
{
    const auto lf = text.find('\n');
    const auto line = text.substr(0, lf);
    const auto space = line.find(' ');
    if (space != std::string_view::npos) {
        const auto target = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
        if (target.size() > limits.target_bytes) return ParseError::target_too_long;
    }
    const bool complete = lf != std::string_view::npos && line.ends_with('\r');
    if (complete && !line.ends_with(" HTTP/1.1\r") && !line.ends_with(" HTTP/1.0\r")) {
        return ParseError::bad_version;
    }
    return {};
}

std::optional<ParseError> judge_request_line(const RequestHead& head,
                                             const config::LimitSettings& limits)
{
    if (enforced("http.refused_method") && (equal_ignoring_case(head.method, "CONNECT") ||
                                            equal_ignoring_case(head.method, "TRACE"))) {
        return ParseError::refused_method; // R7; the odd spellings too, for backends fold case
    }
    if (enforced("http.target_length") && head.target.size() > limits.target_bytes) {
        return ParseError::target_too_long; // R17
    }
    return {};
}

/// R7. With an absolute-form target Host still has to be one valid field, but does not decide.
std::optional<ParseError> judge_host(const RequestHead& head, const SingleField& host)
{
    const std::size_t least = head.version == Version::http_1_1 ? 1 : 0;
    if (enforced("http.one_host") && (host.count < least || host.count > 1)) {
        return ParseError::bad_host;
    }
    if (enforced("http.host_syntax") && host.count > 0 && !is_authority(host.value)) {
        return ParseError::bad_host;
    }
    return {};
}

/// R12.
std::optional<ParseError> judge_expectation(const SingleField& expect)
{
    if (enforced("http.expectation") && expect.count > 0 &&
        (expect.count > 1 || !equal_ignoring_case(expect.value, "100-continue"))) {
        return ParseError::bad_expectation;
    }
    return {};
}

/// The strict checks behind the parser: fills what RequestHead knows "after the strict checks".
std::optional<ParseError> complete(RequestHead& head, const MessageFacts& facts,
                                   std::string& rebuilt_target, const config::LimitSettings& limits)
{
    if (const auto error = judge_request_line(head, limits)) return error;
    if (const auto error = judge_host(head, facts.host)) return error;
    if (const auto error = judge_expectation(facts.expect)) return error;

    const auto target = read_target(head.target, rebuilt_target);
    if (!target) return target.error();
    head.host = target->authority.empty() ? facts.host.value : target->authority;
    head.origin_target = target->origin;

    const auto framing = facts.framing(head.version);
    if (!framing) return framing.error();
    head.framing = *framing;

    const bool has_body = head.framing.kind == BodyKind::chunked || head.framing.length > 0;
    head.keep_alive = facts.keep_alive(head.version);
    head.expects_continue = facts.expect.count > 0 && has_body && head.version == Version::http_1_1;
    head.websocket = facts.upgrade.count == 1 && is_websocket_handshake(head);
    return {};
}

} // namespace

Result<std::optional<std::size_t>, ParseError>
RequestParser::parse(std::string_view received, RequestHead& head,
                     const config::LimitSettings& limits)
{
    const auto scanned = scanner_.scan(received, {limits.head_bytes, limits.head_fields});
    const auto start = scanner_.start();
    const auto end = scanned ? *scanned : std::nullopt;
    if (!end) {
        const auto early = early_verdict(received.substr(start), limits);
        if (scanned && !early) return end;
        scanner_.reset();
        return early ? *early : scanned.error();
    }
    const auto error = read_head(received, head, limits);
    scanner_.reset();
    if (error) return *error;
    return end;
}

std::optional<ParseError> RequestParser::read_head(std::string_view received, RequestHead& head,
                                                   const config::LimitSettings& limits)
{
    const auto lines = scanner_.lines();
    if (const auto error = read_request_line(lines.front().of(received), head)) return error;
    MessageFacts facts;
    if (const auto error = read_field_lines(received, lines.subspan(1), head.fields, facts)) {
        return error;
    }
    return complete(head, facts, rebuilt_target_, limits);
}

} // namespace gatehouse::gateway
