// Response heads: the verdict does not depend on how the bytes were cut; what is accepted a second
// strict reader accepts and reads the same; written again it is read the same.
#include "gateway/http/response_parser.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/fuzz/strict_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::gateway;

namespace {

using Parsed = Result<std::optional<std::size_t>, ParseError>;

config::LimitSettings limits()
{
    config::LimitSettings small; // so that the fuzzer reaches them
    small.head_bytes = 512;
    small.head_fields = 8;
    return small;
}

std::string text_of(const ResponseHead& head)
{
    std::string text = std::to_string(head.status) + " ";
    text.append(head.reason);
    text += head.version == Version::http_1_0 ? " 1.0 " : " 1.1 ";
    return text + std::to_string(static_cast<int>(head.framing.kind)) + " " +
           std::to_string(head.framing.length) + (head.keep_alive ? " stays" : " goes");
}

std::string written(const ResponseHead& head)
{
    std::string out = head.version == Version::http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
    out.append(std::to_string(head.status)).append(" ").append(head.reason).append("\r\n");
    for (const auto& field : head.fields) {
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return out + "\r\n";
}

void check_framing(const ResponseHead& head, const strict_reader::Message& message,
                   bool answers_head)
{
    const auto announced = strict_reader::framing_of(message, head.version == Version::http_1_0);
    must(announced.has_value(), "a second reader accepts the framing");
    const bool bodiless =
        answers_head || head.status < 200 || head.status == 204 || head.status == 304;
    switch (head.framing.kind) {
    case BodyKind::none:
        must(bodiless, "only some answers have no body");
        break;
    case BodyKind::until_close:
        must(*announced == "none" && !head.keep_alive, "to the end");
        break;
    case BodyKind::chunked:
        must(*announced == "chunked", "chunked");
        break;
    case BodyKind::length:
        must(*announced == std::to_string(head.framing.length), "same length");
        break;
    }
    must(!bodiless || head.framing.kind == BodyKind::none, "a bodiless answer has no body");
}

void check_against_second_reader(const ResponseHead& head, std::string_view bytes,
                                 bool answers_head)
{
    const auto message = strict_reader::message_of(bytes, true);
    must(message.has_value(), "a second reader accepts the head");
    must(message->first == (head.version == Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1"),
         "same version");
    must(message->second == std::to_string(head.status), "same status");
    must(message->third == head.reason, "same reason");
    must(message->fields.size() == head.fields.size(), "same number of fields");
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        must(message->fields[i].first == head.fields[i].name, "same name");
        must(message->fields[i].second == head.fields[i].value, "same value");
    }
    must(head.status >= 100 && head.status <= 599 && head.status != 101, "a status we take");
    check_framing(head, *message, answers_head);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::vector<char> bytes(data + 1, data + size);
    const std::string_view whole(bytes.data(), bytes.size());
    const bool answers_head = data[0] % 2 == 1;
    const auto* const method = answers_head ? "HEAD" : "GET";

    ResponseHead head;
    ResponseParser parser;
    const Parsed at_once = parser.parse(whole, head, method, limits());

    const std::size_t cut = whole.size() * data[0] / 256;
    const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    ResponseHead cut_head;
    ResponseParser cut_parser;
    const Parsed early = cut_parser.parse({part.data(), part.size()}, cut_head, method, limits());
    if (!early) must(!at_once, "what is refused early is refused");
    if (early && !*early) {
        const Parsed late = cut_parser.parse(whole, cut_head, method, limits());
        must(late.has_value() == at_once.has_value(), "same verdict, however it was cut");
        if (late && *late) must(text_of(cut_head) == text_of(head), "same head");
    }

    if (!at_once || !*at_once) return 0;
    check_against_second_reader(head, whole.substr(0, **at_once), answers_head);

    const auto before = text_of(head);
    const auto again = written(head);
    ResponseHead reread;
    const Parsed second = parser.parse(again, reread, method, {});
    must(second && *second && **second == again.size(), "our own output is a head");
    must(text_of(reread) == before, "and reads the same");
    return 0;
}
