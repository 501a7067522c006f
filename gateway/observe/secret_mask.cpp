#include "gateway/observe/secret_mask.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view hidden = "***";

constexpr bool is_token_character(char c) noexcept
{
    return is_alphanumeric(c) || c == '-' || c == '_';
}

/// How many bytes at the front may stand in a token or an API key.
std::size_t token_run(std::string_view text) noexcept
{
    const auto* end = std::ranges::find_if_not(text, is_token_character);
    return static_cast<std::size_t>(end - text.begin());
}

/// `{"`, or with a blank, a tab or a line's end between them, as some issuers write it.
bool begins_object(std::string_view text) noexcept
{
    constexpr std::array<std::string_view, 5> fronts = {"eyJ", "eyA", "ewo", "ewk", "ew0"};
    const auto front = text.substr(0, 3);
    return std::ranges::find(fronts, front) != fronts.end();
}

/// Finds JWTs in one pass: what is no header at its first byte is none further on either, for it
/// lacks the point at the end.
class JwtScan {
public:
    /// How many bytes at `at` are a JWT, ours or somebody else's: it begins with an object in
    /// base64url, and a point follows its header. Places are asked in order.
    std::size_t length_at(std::string_view text, std::size_t at) noexcept
    {
        constexpr std::size_t least_header = 8;
        if (at < none_before_) return 0;
        const auto rest = text.substr(at);
        if (!begins_object(rest)) return 0;
        auto end = token_run(rest);
        if (end < least_header || rest.substr(end, 1) != ".") {
            none_before_ = at + end;
            return 0;
        }
        while (rest.substr(end, 1) == ".") end += 1 + token_run(rest.substr(end + 1));
        return end;
    }

private:
    std::size_t none_before_ = 0;
};

/// `gh_`, the key's id of 22 characters, and what follows: a key that was cut off is one, too.
std::size_t length_of_api_key(std::string_view text) noexcept
{
    if (!text.starts_with("gh_")) return 0;
    const auto run = token_run(text);
    constexpr std::size_t least = 26;
    return run >= least ? run : 0;
}

/// A word that says what follows is a credential.
std::size_t length_of_scheme(std::string_view text) noexcept
{
    for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) return scheme.size();
    }
    return 0;
}

constexpr std::string_view between_words = " \t\r\n\"'&;,<>(){}";

std::size_t length_of_word(std::string_view text) noexcept
{
    return std::min(text.find_first_of(between_words), text.size());
}

/// Of the user's part in front of a host, without its `@`.
std::size_t length_of_user(std::string_view text) noexcept
{
    const auto at = text.substr(0, text.find_first_of("/ ")).rfind('@');
    return at == text.npos ? 0 : at;
}

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string decoded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                             hex_value(text[i + 2]) >= 0;
        if (escaped) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

/// Calls `each` for every piece between two `mark`s and writes the marks itself.
template <class Each>
void for_each_piece(std::string& out, std::string_view text, char mark, Each each)
{
    for (;;) {
        const auto end = std::min(text.find(mark), text.size());
        each(text.substr(0, end));
        if (end == text.size()) return;
        out += mark;
        text.remove_prefix(end + 1);
    }
}

} // namespace

SecretMask::SecretMask(std::span<const std::string> names)
{
    for (const auto& name : names) {
        auto& plain = names_.emplace_back();
        for (const char c : name) {
            if (is_alphanumeric(c)) plain += lower(c);
        }
    }
}

/// `user[password]`, `form.password` and `a;password` are passwords, too.
bool SecretMask::is_name(std::string_view name) const
{
    while (!name.empty() && (name.back() == ']' || name.back() == '"' || name.back() == ' '))
        name.remove_suffix(1);
    std::string plain;
    for (const char c : name) {
        if (is_alphanumeric(c)) plain += lower(c);
        if (c == '[' || c == '.' || c == ';') plain.clear();
    }
    return std::ranges::find(names_, plain) != names_.end();
}

/// How many bytes behind `before` belong to a name that stands at its end. A name may stand quoted
/// in front of a colon, as in JSON.
std::size_t SecretMask::length_of_named(std::string_view text, std::string_view before) const
{
    if (before.empty()) return 0;
    const char mark = before.back();
    if (mark != '=' && mark != ':') return 0;
    before.remove_suffix(1);
    if (mark == ':' && !before.ends_with('"')) return 0;
    const auto quote = before.ends_with('"') ? before.substr(0, before.size() - 1) : before;
    const auto begin = quote.find_last_of(" \t\r\n\"'&;,<>(){}?#/=:");
    if (!is_name(begin == quote.npos ? quote : quote.substr(begin + 1))) return 0;
    const auto blank = text.find_first_not_of(" \"'");
    if (blank == text.npos) return 0;
    return blank + length_of_word(text.substr(blank));
}

bool SecretMask::shows_secret(std::string_view text) const
{
    JwtScan jwts;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto rest = text.substr(at);
        if (jwts.length_at(text, at) != 0 || length_of_api_key(rest) != 0 ||
            length_of_named(rest, text.substr(0, at)) != 0)
            return true;
    }
    return false;
}

bool SecretMask::hides_secret(std::string_view text) const
{
    if (shows_secret(text)) return true;
    constexpr int deepest = 3; // escapes within escapes; nobody nests URLs deeper
    std::string inner{text};
    for (int depth = 0; depth < deepest && inner.find('%') != inner.npos; ++depth) {
        inner = decoded(inner);
        if (shows_secret(inner)) return true;
    }
    return false;
}

void SecretMask::append_query(std::string& out, std::string_view query) const
{
    if (!enforced("log.masked_query")) {
        out += query;
        return;
    }
    for_each_piece(out, query, '&', [&](std::string_view piece) {
        const auto equals = piece.find('=');
        if (equals == piece.npos) {
            out += hides_secret(piece) ? hidden : piece;
            return;
        }
        const auto name = piece.substr(0, equals);
        out += hides_secret(name) ? hidden : name;
        out += '=';
        const auto value = piece.substr(equals + 1);
        const bool secret = is_name(decoded(name)) || hides_secret(value);
        out += secret && !value.empty() ? hidden : value;
    });
}

void SecretMask::append_path(std::string& out, std::string_view path) const
{
    if (!enforced("log.masked_path")) {
        out += path;
        return;
    }
    for_each_piece(out, path, '/', [&](std::string_view segment) {
        const auto params = std::min(segment.find(';'), segment.size());
        const auto word = segment.substr(0, params);
        out += hides_secret(word) ? hidden : word;
        if (params == segment.size()) return;
        out += ';';
        const auto rest = segment.substr(params + 1);
        out += hides_secret(rest) ? hidden : rest;
    });
}

void SecretMask::append_url(std::string& out, std::string_view url) const
{
    const auto question = std::min(url.find_first_of("?#"), url.size());
    auto front = url.substr(0, question);
    if (const auto authority = front.find("://"); authority != front.npos) {
        const auto host = authority + 3;
        append_text(out, front.substr(0, authority)); // a scheme, in what is a URL
        out += "://";
        front.remove_prefix(host);
        if (const auto user = length_of_user(front)) {
            out += hidden;
            front.remove_prefix(user);
        }
    }
    append_path(out, front);
    if (question == url.size()) return;
    out += url[question];
    append_query(out, url.substr(question + 1));
}

void SecretMask::append_text(std::string& out, std::string_view text) const
{
    if (!enforced("log.masked_text")) {
        out += text;
        return;
    }
    JwtScan jwts;
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        if (const auto scheme = length_of_scheme(rest)) {
            out += rest.substr(0, scheme);
            out += hidden;
            at += scheme + length_of_word(rest.substr(scheme));
            continue;
        }
        auto secret = jwts.length_at(text, at);
        if (secret == 0) secret = length_of_api_key(rest);
        if (secret == 0) secret = length_of_named(rest, text.substr(0, at));
        if (secret == 0 && text.substr(0, at).ends_with("://")) secret = length_of_user(rest);
        if (secret == 0) {
            out += text[at++];
        } else {
            out += hidden;
            at += secret;
        }
    }
}

} // namespace gatehouse::gateway
