#include "gateway/http/response_parser.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_lines.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view http_1 = "HTTP/1.";

/// `HTTP-version SP 3DIGIT SP reason-phrase` (RFC 9112, 4); the reason may be empty, its blank may
/// not be missing.
std::optional<ParseError> read_status_line(std::string_view line, ResponseHead& head)
{
    const auto minor = line.substr(http_1.size(), 2);
    const bool is_1_0 = minor == "0 ";
    if (enforced("http.response_version") && !is_1_0 && minor != "1 ")
        return ParseError::bad_version;
    head.version = is_1_0 ? Version::http_1_0 : Version::http_1_1;

    const auto rest = line.substr(std::min(line.size(), http_1.size() + minor.size()));
    const auto* const digits_end = rest.data() + std::min<std::size_t>(3, rest.size());
    const auto [last, error] = std::from_chars(rest.data(), digits_end, head.status);
    const bool three_digits = error == std::errc() && last == rest.data() + 3;
    if (enforced("http.status_digits") && (!three_digits || rest.substr(3, 1) != " ")) {
        return ParseError::bad_status;
    }
    head.reason = rest.substr(std::min<std::size_t>(4, rest.size()));
    return {};
}

/// Bytes of another protocol are refused at once instead of at the deadline.
bool begins_like_http(std::string_view received)
{
    return received.starts_with(http_1.substr(0, received.size()));
}

std::optional<ParseError> judge_status(unsigned status, ResponseParser::Switching switching)
{
    if (enforced("http.status_range") && (status < 100 || status > 599)) {
        return ParseError::bad_status;
    }
    const bool asked_for = switching == ResponseParser::Switching::asked_for;
    if (enforced("http.unexpected_upgrade") && status == 101 && !asked_for) {
        return ParseError::unexpected_upgrade; // R10, R15
    }
    return {};
}

bool never_has_body(unsigned status, std::string_view request_method)
{
    return status < 200 || status == 204 || status == 304 || request_method == "HEAD";
}

/// HEAD and 304 may announce what GET would have had (RFC 9110, 8.6), and a server whose program
/// did not look at the method then sends it all the same; gunicorn also where it announced nothing.
/// On a connection that is used again that would be the answer to somebody else.
bool may_bring_body(const Framing& announced, unsigned status, std::string_view request_method)
{
    if (announced.kind == BodyKind::none)
        return request_method == "HEAD" && status >= 200 && status != 204 && status != 304;
    return announced.kind != BodyKind::length || announced.length != 0;
}

/// RFC 9112, 6.3.
std::optional<ParseError> complete(ResponseHead& head, const MessageFacts& facts,
                                   std::string_view request_method,
                                   ResponseParser::Switching switching)
{
    if (const auto error = judge_status(head.status, switching)) return error;
    const auto announced = facts.framing(head.version);
    if (!announced) return announced.error();

    head.keep_alive = facts.keep_alive(head.version);
    head.framing = *announced;
    if (never_has_body(head.status, request_method)) {
        const bool doubtful = may_bring_body(*announced, head.status, request_method);
        if (enforced("http.bodiless_answer") && doubtful) head.keep_alive = false;
        head.framing = {};
    } else if (announced->kind == BodyKind::none) {
        head.framing = {BodyKind::until_close, 0};
        head.keep_alive = false;
    }
    return {};
}

} // namespace

Result<std::optional<std::size_t>, ParseError>
ResponseParser::parse(std::string_view received, ResponseHead& head,
                      std::string_view request_method, const config::LimitSettings& limits,
                      Switching switching)
{
    const auto scanned = scanner_.scan(received, {limits.head_bytes, limits.head_fields});
    const auto end = scanned ? *scanned : std::nullopt;
    if (scanned && !end && begins_like_http(received)) return end;
    std::optional<ParseError> error = ParseError::bad_version;
    if (begins_like_http(received)) {
        error = end ? read_head(received, head, request_method, switching) : scanned.error();
    }
    scanner_.reset();
    if (error) return *error;
    return end;
}

std::optional<ParseError> ResponseParser::read_head(std::string_view received, ResponseHead& head,
                                                    std::string_view request_method,
                                                    Switching switching)
{
    const auto lines = scanner_.lines();
    if (const auto error = read_status_line(lines.front().of(received), head)) return error;
    MessageFacts facts;
    if (const auto error = read_field_lines(received, lines.subspan(1), head.fields, facts)) {
        return error;
    }
    return complete(head, facts, request_method, switching);
}

} // namespace gatehouse::gateway
