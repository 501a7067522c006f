#include "gateway/http/response_parser.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/head_reader.hpp"

namespace gatehouse::gateway {
namespace {

class ResponseReader final : public HeadReader<false, ResponseHead> {
public:
    using HeadReader::HeadReader;

private:
    void on_response_impl(int status, beast::string_view reason, int version,
                          beast::error_code&) override
    {
        head().status = static_cast<unsigned>(status);
        head().reason = view(reason);
        head().version = version == 10 ? Version::http_1_0 : Version::http_1_1;
    }
};

/// Bytes of another protocol are refused at once instead of at the deadline.
bool begins_like_http(std::string_view received)
{
    constexpr std::string_view beginning = "HTTP/1.";
    return received.starts_with(beginning.substr(0, received.size()));
}

std::optional<ParseError> judge_status(unsigned status)
{
    if (enforced("http.status_range") && (status < 100 || status > 599)) {
        return ParseError::bad_status;
    }
    if (enforced("http.unexpected_upgrade") && status == 101) {
        return ParseError::unexpected_upgrade; // R10, R15
    }
    return {};
}

bool never_has_body(unsigned status, std::string_view request_method)
{
    return status < 200 || status == 204 || status == 304 || request_method == "HEAD";
}

/// Whether a message without a body may announce one all the same: HEAD and 304 say what GET
/// would have had (RFC 9110, 8.6), the others have nothing to announce.
bool may_announce_body(unsigned status, std::string_view request_method)
{
    return status == 304 || (request_method == "HEAD" && status >= 200 && status != 204);
}

/// RFC 9112, 6.3.
std::optional<ParseError> complete(ResponseHead& head, const MessageFacts& facts,
                                   std::string_view request_method)
{
    if (const auto error = judge_status(head.status)) return error;
    const auto announced = facts.framing(head.version);
    if (!announced) return announced.error();

    head.keep_alive = facts.keep_alive(head.version);
    head.framing = *announced;
    if (never_has_body(head.status, request_method)) {
        const bool empty = announced->kind == BodyKind::none ||
                           (announced->kind == BodyKind::length && announced->length == 0);
        const bool surprising = !empty && !may_announce_body(head.status, request_method);
        if (enforced("http.bodiless_announces_body") && surprising) head.keep_alive = false;
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
                      std::string_view request_method, const config::LimitSettings& limits)
{
    const auto scanned = scanner_.scan(received, {limits.head_bytes, limits.head_fields});
    const auto end = scanned ? *scanned : std::nullopt;
    if (scanned && !end && begins_like_http(received)) return end;
    scanner_.reset();
    if (!begins_like_http(received)) return ParseError::bad_version;
    if (!end) return scanned.error();

    MessageFacts facts;
    ResponseReader reader(head, facts);
    const auto refused = reader.read(received.substr(0, *end));
    if (enforced("http.beast_verdict_on_response") && refused) return error_of(refused, facts);
    if (const auto error = complete(head, facts, request_method)) return *error;
    return end;
}

} // namespace gatehouse::gateway
