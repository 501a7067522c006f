#include "tests/gateway/http/read_messages.hpp"

#include <functional>
#include <vector>

namespace gatehouse::gateway {
namespace {

using Parsed = Result<std::optional<std::size_t>, ParseError>;

std::string text_of(const Framing& framing)
{
    switch (framing.kind) {
    case BodyKind::none:
        return "none";
    case BodyKind::length:
        return "length=" + std::to_string(framing.length);
    case BodyKind::chunked:
        return "chunked";
    case BodyKind::until_close:
        return "until-close";
    }
    return "?";
}

std::string text_of(Version version)
{
    return version == Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string text_of(const std::vector<Field>& fields)
{
    std::string text;
    for (const auto& field : fields) {
        text.append(" [").append(field.name).append("=").append(field.value).append("]");
    }
    return text;
}

std::string unfinished_or(const Parsed& result, const std::function<std::string()>& head)
{
    if (!result) return std::string(to_string(result.error()));
    if (!*result) return "need more";
    return head() + " size=" + std::to_string(**result);
}

/// Feeds growing prefixes of `bytes`, each in a buffer of its own.
std::string read_in_steps(std::string_view bytes, std::size_t first, std::size_t step,
                          const std::function<std::string(std::string_view)>& parse)
{
    for (std::size_t size = first;; size += step) {
        const std::vector<char> exact(bytes.begin(), bytes.begin() + std::min(size, bytes.size()));
        const auto outcome = parse({exact.data(), exact.size()});
        if (outcome != "need more" || size >= bytes.size()) return outcome;
    }
}

using MakeParser = std::function<std::function<std::string(std::string_view)>()>;

std::string first_difference(std::string_view bytes, const MakeParser& make_parser)
{
    const auto at_once = make_parser()(bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto outcome = read_in_steps(bytes, cut, bytes.size(), make_parser());
        if (outcome != at_once) return "cut at " + std::to_string(cut) + ": " + outcome;
    }
    const auto bytewise = read_in_steps(bytes, 0, 1, make_parser());
    return bytewise == at_once ? "" : "byte by byte: " + bytewise;
}

} // namespace

std::string told(const Parsed& result, const RequestHead& head)
{
    return unfinished_or(result, [&head] {
        std::string text(head.method);
        text.append(" ").append(head.origin_target).append(" ").append(text_of(head.version));
        text.append(" host=").append(head.host).append(" ").append(text_of(head.framing));
        text.append(head.keep_alive ? " keep-alive" : " close");
        if (head.expects_continue) text.append(" expects-continue");
        return text + text_of(head.fields);
    });
}

std::string told(const Parsed& result, const ResponseHead& head)
{
    return unfinished_or(result, [&head] {
        std::string text = text_of(head.version) + " " + std::to_string(head.status) + " '";
        text.append(head.reason).append("' ").append(text_of(head.framing));
        text.append(head.keep_alive ? " keep-alive" : " close");
        return text + text_of(head.fields);
    });
}

std::string read_request(std::string_view bytes, const config::LimitSettings& limits)
{
    RequestParser parser;
    RequestHead head;
    return told(parser.parse(bytes, head, limits), head);
}

std::string read_response(std::string_view bytes, std::string_view method,
                          const config::LimitSettings& limits)
{
    ResponseParser parser;
    ResponseHead head;
    return told(parser.parse(bytes, head, method, limits), head);
}

std::string request_differs_when_cut(std::string_view bytes, const config::LimitSettings& limits)
{
    return first_difference(bytes, [&limits] {
        return [parser = RequestParser(), &limits](std::string_view received) mutable {
            RequestHead head;
            return told(parser.parse(received, head, limits), head);
        };
    });
}

std::string response_differs_when_cut(std::string_view bytes, std::string_view method)
{
    return first_difference(bytes, [method] {
        return [parser = ResponseParser(), method](std::string_view received) mutable {
            ResponseHead head;
            return told(parser.parse(received, head, method, {}), head);
        };
    });
}

} // namespace gatehouse::gateway
