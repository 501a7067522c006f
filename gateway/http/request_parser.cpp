#include "gateway/http/request_parser.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/authority.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/head_reader.hpp"
#include "gateway/http/request_target.hpp"

namespace gatehouse::gateway {
namespace {

class RequestReader final : public HeadReader<true, RequestHead> {
public:
    using HeadReader::HeadReader;

private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                         int version, beast::error_code&) override
    {
        head().method = view(method);
        head().target = view(target);
        head().version = version == 10 ? Version::http_1_0 : Version::http_1_1;
    }
};

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
    scanner_.reset();

    MessageFacts facts;
    RequestReader reader(head, facts);
    const auto refused = reader.read(received.substr(start, *end - start));
    if (enforced("http.beast_verdict") && refused) return error_of(refused, facts);
    if (const auto error = complete(head, facts, rebuilt_target_, limits)) return *error;
    return end;
}

} // namespace gatehouse::gateway
