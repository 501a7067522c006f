#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A second reader of HTTP/1.1, slow and plain, that shares no code with the gateway. Fuzzers ask
/// it about every message that the gateway accepts: what two strict readers accept differently
/// could be smuggled past one of them.
namespace strict_reader {

struct Message {
    std::string first, second, third; // the words of the start line
    std::vector<std::pair<std::string, std::string>> fields;
};

struct Body {
    std::string data;
    std::vector<std::pair<std::string, std::string>> trailers;
    std::size_t size = 0; // in the input
};

/// "none", "chunked", or the digits of a length without leading zeros.
using FramingText = std::string;

inline std::string lowered(std::string text)
{
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return text;
}

inline bool token(const std::string& text)
{
    const std::string others = "!#$%&'*+-.^_`|~";
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && others.find(c) == std::string::npos) return false;
    }
    return !text.empty();
}

inline bool visible(const std::string& text)
{
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte != 9 && (byte < 32 || byte == 127)) return false;
    }
    return true;
}

/// Splits at CRLF; nothing when a CR or LF stands alone or the last line has no end.
inline std::optional<std::vector<std::string>> lines_of(std::string_view bytes)
{
    std::vector<std::string> lines;
    std::string line;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r') {
            if (i + 1 == bytes.size() || bytes[i + 1] != '\n') return {};
            lines.push_back(std::exchange(line, {}));
            ++i;
        } else if (bytes[i] == '\n') {
            return {};
        } else {
            line += bytes[i];
        }
    }
    if (!line.empty()) return {};
    return lines;
}

inline std::optional<std::pair<std::string, std::string>> field_of(const std::string& line)
{
    const auto colon = line.find(':');
    if (colon == std::string::npos || !token(line.substr(0, colon))) return {};
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.erase(0, 1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
    if (!visible(value)) return {};
    return std::pair(line.substr(0, colon), value);
}

/// A head: start line of three words (the third may hold blanks when `free_third`), fields, one
/// empty line at the very end.
inline std::optional<Message> message_of(std::string_view bytes, bool free_third)
{
    auto lines = lines_of(bytes);
    if (!lines) return {};
    while (!lines->empty() && lines->front().empty() && !free_third) lines->erase(lines->begin());
    if (lines->size() < 2 || !lines->back().empty()) return {};
    lines->pop_back();

    Message message;
    const std::string start = lines->front();
    const auto one = start.find(' ');
    const auto two = one == std::string::npos ? one : start.find(' ', one + 1);
    if (two == std::string::npos || !visible(start)) return {};
    message.first = start.substr(0, one);
    message.second = start.substr(one + 1, two - one - 1);
    message.third = start.substr(two + 1);
    if (!free_third && message.third.find_first_of(" \t") != std::string::npos) return {};
    for (std::size_t i = 1; i < lines->size(); ++i) {
        const auto field = field_of((*lines)[i]);
        if (!field) return {};
        message.fields.push_back(*field);
    }
    return message;
}

inline std::vector<std::string> values_of(const Message& message, const std::string& name)
{
    std::vector<std::string> values;
    for (const auto& [key, value] : message.fields) {
        if (lowered(key) == name) values.push_back(value);
    }
    return values;
}

/// RFC 9112, 6: at most one of the two fields, at most once.
inline std::optional<FramingText> framing_of(const Message& message, bool http_1_0)
{
    const auto lengths = values_of(message, "content-length");
    const auto codings = values_of(message, "transfer-encoding");
    if (lengths.size() + codings.size() > 1) return {};
    if (!codings.empty()) {
        if (http_1_0 || lowered(codings[0]) != "chunked") return {};
        return "chunked";
    }
    if (lengths.empty()) return "none";
    std::string digits = lengths[0];
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return {};
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    const std::string most = "18446744073709551615";
    if (digits.size() > most.size() || (digits.size() == most.size() && digits > most)) return {};
    return digits;
}

/// RFC 9112, 7.1, from the front of `bytes`; nothing when it is wrong or not complete.
inline std::optional<Body> chunked_body_of(std::string_view bytes)
{
    Body body;
    const auto next_line = [&]() -> std::optional<std::string> {
        const auto end = bytes.find("\r\n", body.size);
        if (end == std::string_view::npos) return {};
        const std::string line(bytes.substr(body.size, end - body.size));
        body.size = end + 2;
        if (!visible(line)) return {}; // a CR or LF alone, too
        return line;
    };
    for (;;) {
        const auto line = next_line();
        if (!line) return {};
        const auto digits =
            std::min(line->find_first_not_of("0123456789abcdefABCDEF"), line->size());
        if (digits == 0 || digits > 16) return {};
        const auto rest = line->substr(digits);
        const auto mark = rest.find_first_not_of(" \t");
        if (!rest.empty() && (mark == std::string::npos || rest[mark] != ';')) return {};
        const auto size = std::stoull(line->substr(0, digits), nullptr, 16);
        if (size == 0) break;
        if (bytes.size() - body.size < 2 || size > bytes.size() - body.size - 2) return {};
        body.data += bytes.substr(body.size, size);
        body.size += size;
        if (bytes.substr(body.size, 2) != "\r\n") return {};
        body.size += 2;
    }
    for (;;) {
        const auto line = next_line();
        if (!line) return {};
        if (line->empty()) return body;
        const auto field = field_of(*line);
        if (!field) return {};
        body.trailers.push_back(*field);
    }
}

} // namespace strict_reader
