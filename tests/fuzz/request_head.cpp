// Request heads: the verdict does not depend on how the bytes were cut; what is accepted a second
// strict reader accepts and reads the same; written again it is read the same.
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/request_parser.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/fuzz/strict_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::gateway;

namespace {

using Parsed = Result<std::optional<std::size_t>, ParseError>;

constexpr std::size_t small_head = 512;

config::LimitSettings limits()
{
    config::LimitSettings small; // so that the fuzzer reaches them
    small.head_bytes = small_head;
    small.head_fields = 8;
    small.target_bytes = 64;
    return small;
}

/// Everything that the gateway will act on, but not the target as it was spelled.
std::string text_of(const RequestHead& head)
{
    std::string text(head.method);
    text.append(" ").append(head.origin_target).append(" ").append(head.host);
    text += head.version == Version::http_1_0 ? " 1.0 " : " 1.1 ";
    text += std::to_string(static_cast<int>(head.framing.kind)) + " " +
            std::to_string(head.framing.length) + (head.keep_alive ? " stays" : " goes") +
            (head.expects_continue ? " waits" : "");
    return text;
}

/// A head as this gateway would write it: origin form, one Host, fields with one blank.
std::string written(const RequestHead& head)
{
    std::string out(head.method);
    out.append(" ").append(head.origin_target);
    out += head.version == Version::http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    if (!head.host.empty()) out.append("Host: ").append(head.host).append("\r\n");
    for (const auto& field : head.fields) {
        if (equal_ignoring_case(field.name, "host")) continue;
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return out + "\r\n";
}

void check_against_second_reader(const RequestHead& head, std::string_view bytes)
{
    const auto message = strict_reader::message_of(bytes, false);
    must(message.has_value(), "a second reader accepts the head");
    must(message->first == head.method && message->second == head.target, "same request line");
    must(strict_reader::token(message->first), "the method is a token");
    const bool http_1_0 = message->third == "HTTP/1.0";
    must(http_1_0 || message->third == "HTTP/1.1", "a version we speak");
    must(http_1_0 == (head.version == Version::http_1_0), "same version");
    must(message->fields.size() == head.fields.size(), "same number of fields");
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        must(message->fields[i].first == head.fields[i].name, "same name");
        must(message->fields[i].second == head.fields[i].value, "same value");
    }
    const auto framing = strict_reader::framing_of(*message, http_1_0);
    must(framing.has_value(), "a second reader accepts the framing");
    const auto& ours = head.framing;
    must(*framing == (ours.kind == BodyKind::none      ? "none"
                      : ours.kind == BodyKind::chunked ? "chunked"
                                                       : std::to_string(ours.length)),
         "same framing");
    const auto hosts = strict_reader::values_of(*message, "host");
    must(hosts.size() == 1 || (http_1_0 && hosts.empty()), "one Host");
    must(head.origin_target.starts_with('/'), "origin form");
    must(head.target.starts_with('/') ? head.host == (hosts.empty() ? "" : hosts[0])
                                      : head.target.substr(7).starts_with(head.host),
         "the host is where it has to be");
}

void check_written(const RequestHead& head)
{
    const auto before = text_of(head);
    const auto again = written(head);
    RequestHead reread;
    RequestParser parser;
    const auto size = parser.parse(again, reread, {});
    must(size && *size && **size == again.size(), "our own output is a head");
    must(text_of(reread) == before, "and reads the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::vector<char> bytes(data + 1, data + size);
    const std::string_view whole(bytes.data(), bytes.size());

    RequestHead head;
    RequestParser parser;
    const Parsed at_once = parser.parse(whole, head, limits());

    // The first byte says where to cut.
    const std::size_t cut = whole.size() * data[0] / 256;
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    RequestHead cut_head;
    RequestParser cut_parser;
    const Parsed early = cut_parser.parse({part.data(), part.size()}, cut_head, limits());
    if (!early) must(!at_once, "what is refused early is refused");
    if (early && *early) must(at_once && *at_once == *early, "same size, cut behind the head");
    if (early && !*early) {
        const Parsed late = cut_parser.parse(whole, cut_head, limits());
        must(late.has_value() == at_once.has_value(), "same verdict, however it was cut");
        must(!late || *late == *at_once, "same size, however it was cut");
        if (late && *late) must(text_of(cut_head) == text_of(head), "same head");
    }

    if (!at_once || !*at_once) return 0;
    must(**at_once <= whole.size() && **at_once <= small_head + 4, "within the limits");
    check_against_second_reader(head, whole.substr(0, **at_once));
    check_written(head);
    return 0;
}
