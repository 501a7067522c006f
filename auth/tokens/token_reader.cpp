#include "auth/tokens/token_reader.hpp"

#include "auth/basics/id.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatehouse::auth {

namespace {

constexpr std::int64_t end_of_time = 253'402'300'799; // 9999-12-31T23:59:59Z

[[nodiscard]] Result<json::Value, TokenError> read_object(std::string_view segment)
{
    const auto text = jose::decode_base64url(segment);
    if (!text) return TokenError::malformed;
    auto value = json::read(*text);
    if (!value || value->object() == nullptr) return TokenError::malformed;
    return *std::move(value);
}

template <std::size_t N>
[[nodiscard]] bool has_any(const json::Value& header, const std::string_view (&names)[N])
{
    return std::ranges::any_of(names, [&](auto name) { return header.find(name) != nullptr; });
}

/// A header that says nothing we must not let it say.
[[nodiscard]] Result<json::Value, TokenError> read_plain_header(std::string_view segment)
{
    // Keys come from the ring only (RFC 8725, 3.10); the payload is plain JSON (RFC 7797, RFC
    // 7516).
    static constexpr std::string_view key_carriers[] = {"jwk", "jku", "x5u", "x5c"};
    static constexpr std::string_view payload_changers[] = {"b64", "zip", "cty"};

    auto header = read_object(segment);
    if (!header) return header.error();
    // RFC 7515, 4.1.11: we understand no extension, so none may be critical.
    if (enforced("tokens.crit") && header->find("crit") != nullptr) return TokenError::unsupported;
    if (enforced("tokens.key_in_header") && has_any(*header, key_carriers)) {
        return TokenError::unsupported;
    }
    if (enforced("tokens.plain_payload") && has_any(*header, payload_changers)) {
        return TokenError::unsupported;
    }
    return header;
}

[[nodiscard]] Result<TokenHeader, TokenError> read_new_header(std::string_view segment,
                                                              std::string_view type)
{
    const auto header = read_plain_header(segment);
    if (!header) return header.error();
    const auto* typ = header->find_string("typ");
    if (enforced("tokens.typ") && (typ == nullptr || *typ != type)) return TokenError::wrong_type;
    const auto* algorithm = header->find_string("alg");
    const auto* kid = header->find_string("kid");
    if (algorithm == nullptr) return TokenError::unsupported;
    if (kid == nullptr) return TokenError::unknown_key;
    return TokenHeader{*algorithm, *kid};
}

/// The good header that a thread read last. All tokens under one key have the same, so of a new
/// token mostly only the payload is news. What a header means depends on nothing but its bytes.
class LastHeader {
public:
    [[nodiscard]] const TokenHeader* find(std::string_view segment,
                                          std::string_view type) const noexcept
    {
        return !segment.empty() && segment_ == segment && type_ == type ? &header_ : nullptr;
    }

    const TokenHeader& keep(std::string_view segment, std::string_view type, TokenHeader header)
    {
        segment_.clear(); // for if there is no memory for what follows
        header_ = std::move(header);
        type_.assign(type);
        if (segment.size() <= longest_kept) segment_.assign(segment);
        return header_;
    }

private:
    static constexpr std::size_t longest_kept = 512; // of base64url

    std::string segment_;
    std::string type_;
    TokenHeader header_;
};

} // namespace

Result<const TokenHeader*, TokenError> read_header(std::string_view segment, std::string_view type)
{
    thread_local LastHeader last;
    if (const auto* known = last.find(segment, type)) return known;
    auto header = read_new_header(segment, type);
    if (!header) return header.error();
    return &last.keep(segment, type, *std::move(header));
}

Result<ForeignHeader, TokenError> read_foreign_header(std::string_view segment)
{
    const auto header = read_plain_header(segment);
    if (!header) return header.error();
    ForeignHeader read;
    const auto* algorithm = header->find_string("alg");
    if (algorithm == nullptr) return TokenError::unsupported;
    read.algorithm = *algorithm;
    if (const auto* kid = header->find("kid"); kid != nullptr) {
        if (kid->string() == nullptr) return TokenError::unknown_key;
        read.kid = *kid->string();
    }
    if (const auto* typ = header->find("typ"); typ != nullptr) {
        if (typ->string() == nullptr) return TokenError::wrong_type;
        read.type = *typ->string();
    }
    return read;
}

Result<json::Value, TokenError> read_payload(std::string_view segment)
{
    return read_object(segment);
}

Result<std::optional<Seconds>, TokenError> read_time(const json::Value& payload,
                                                     std::string_view name)
{
    const auto* value = payload.find(name);
    if (value == nullptr) return std::optional<Seconds>();
    auto seconds = value->integer();
    if (!enforced("tokens.whole_times") && !seconds) seconds = 0;
    if (!seconds || *seconds < 0 || *seconds > end_of_time) return TokenError::malformed;
    return std::optional(Seconds(std::chrono::seconds(*seconds)));
}

Result<std::optional<Generation>, TokenError> read_generation(const json::Value& payload)
{
    const auto* value = payload.find("gen");
    if (value == nullptr) return std::optional<Generation>();
    const auto number = value->integer();
    constexpr std::int64_t last = std::numeric_limits<Generation>::max();
    if (!number || *number < 1 || *number > last) return TokenError::malformed;
    return std::optional(static_cast<Generation>(*number));
}

bool is_audience(const json::Value* aud, std::span<const std::string> expected)
{
    const auto is_expected = [&](const json::Value& value) {
        const auto* text = value.string();
        return text != nullptr && std::ranges::find(expected, *text) != expected.end();
    };
    if (aud == nullptr) return false;
    if (const auto* list = aud->array(); list != nullptr) {
        const bool all_text = std::ranges::all_of(*list, [](const auto& v) { return v.string(); });
        return all_text && std::ranges::any_of(*list, is_expected);
    }
    return is_expected(*aud);
}

Result<std::vector<std::string>, TokenError> read_words(const json::Value& payload,
                                                        std::string_view name)
{
    std::vector<std::string> words;
    const auto* value = payload.find(name);
    if (value == nullptr) return words;
    if (value->array() == nullptr) return TokenError::malformed;
    for (const auto& each : *value->array()) {
        const auto* word = each.string();
        // They may travel in a header, separated by commas (X-User-Roles).
        if (word == nullptr || !is_header_safe_id(*word)) return TokenError::malformed;
        words.push_back(*word);
    }
    return words;
}

} // namespace gatehouse::auth
