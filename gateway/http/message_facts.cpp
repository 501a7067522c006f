#include "gateway/http/message_facts.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <charconv>
#include <limits>

namespace gatehouse::gateway {
namespace {

/// A list whose codings are all well formed, with chunked, if at all, once and last: then the only
/// thing wrong is that we do not know a coding.
bool is_orderly(std::string_view codings) noexcept
{
    bool orderly = true;
    bool chunked = false;
    for_each_element(codings, [&](std::string_view coding) {
        orderly = orderly && !chunked && is_token(coding);
        chunked = equal_ignoring_case(coding, "chunked");
    });
    return orderly;
}

} // namespace

void MessageFacts::add_connection(std::string_view value) noexcept
{
    for_each_element(value, [this](std::string_view option) {
        says_close = says_close || equal_ignoring_case(option, "close");
        says_keep_alive = says_keep_alive || equal_ignoring_case(option, "keep-alive");
    });
}

Result<Framing, ParseError> MessageFacts::framing(Version version) const noexcept
{
    if (transfer_encoding.count == 0 && content_length.count == 0) return Framing();
    if (enforced("http.length_and_encoding") && transfer_encoding.count > 0 &&
        content_length.count > 0) {
        return ParseError::length_and_encoding; // R1
    }
    if (transfer_encoding.count == 0) return declared_length();
    if (const auto error = judge_encoding(version)) return *error;
    return Framing{BodyKind::chunked, 0};
}

Result<Framing, ParseError> MessageFacts::declared_length() const noexcept
{
    // R3. RFC 9112 would let equal duplicates pass; who sends them is broken or tries something.
    if (enforced("http.one_content_length") && content_length.count > 1) {
        return ParseError::bad_content_length;
    }
    const auto digits = content_length.value;
    Framing framing{BodyKind::length, 0};
    const auto* const end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, framing.length);
    if (enforced("http.content_length_digits") && (error != std::errc() || last != end)) {
        return ParseError::bad_content_length; // also "2, 2"
    }
    // Most readers keep lengths in 63 bits; what they would make of more is not ours to find out.
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    if (enforced("http.content_length_bound") && framing.length > largest) {
        return ParseError::bad_content_length;
    }
    return framing;
}

std::optional<ParseError> MessageFacts::judge_encoding(Version version) const noexcept
{
    // R2. What HTTP/1.0 means by it is anybody's guess, and a guess is a smuggled request.
    if (enforced("http.encoding_in_http_1_0") && version == Version::http_1_0) {
        return ParseError::bad_transfer_encoding;
    }
    if (enforced("http.one_transfer_encoding") && transfer_encoding.count > 1) {
        return ParseError::bad_transfer_encoding;
    }
    if (enforced("http.only_chunked") && !equal_ignoring_case(transfer_encoding.value, "chunked")) {
        return is_orderly(transfer_encoding.value) ? ParseError::unknown_transfer_encoding
                                                   : ParseError::bad_transfer_encoding;
    }
    return {};
}

} // namespace gatehouse::gateway
