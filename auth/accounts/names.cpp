#include "auth/accounts/names.hpp"

#include "auth/accounts/unicode.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth {

namespace {

constexpr std::size_t longest_username = 64;     // code points
constexpr std::size_t longest_email_bytes = 254; // RFC 5321, 4.5.3.1.3 without the brackets
constexpr std::size_t longest_local_bytes = 64;  // RFC 5321, 4.5.3.1.1
constexpr std::size_t longest_label_bytes = 63;  // RFC 1035, 2.3.4
constexpr std::size_t longest_name_bytes = 256;  // 64 code points of four bytes
/// Folding triples what a language needs at most; U+FDFA alone becomes 18 characters.
constexpr std::size_t longest_folded_bytes = 3 * longest_name_bytes;

bool has_outer_space(std::string_view text) noexcept
{
    return text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string::npos;
}

/// What holds for both kinds of name.
Result<Name, NameError> read_name(std::string_view text)
{
    if (text.empty()) return NameError::empty;
    if (text.size() > longest_name_bytes) return NameError::too_long;
    const auto points = code_points(text);
    if (!points) return NameError::not_text;
    if (enforced("names.unseen") && std::any_of(points->begin(), points->end(), is_unseen)) {
        return NameError::unseen_character;
    }
    if (is_combining(points->front())) return NameError::unseen_character;
    auto folded = to_nfkc_casefold(text);
    auto shown = to_nfc(text);
    if (!folded || !shown) return NameError::not_text;
    if (folded->empty()) return NameError::empty;
    if (folded->size() > longest_folded_bytes) return NameError::too_long;
    if (has_outer_space(*shown) || has_outer_space(*folded)) return NameError::outer_space;
    return Name{std::move(*shown), std::move(*folded)};
}

bool is_domain_label(std::string_view label) noexcept
{
    return !label.empty() && label.size() <= longest_label_bytes && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x80 || c == '-' || (c >= '0' && c <= '9') ||
                      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

/// Every part between dots passes `is_part`.
template <class IsPart>
bool is_dotted(std::string_view text, IsPart&& is_part)
{
    for (;;) {
        const auto dot = text.find('.');
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

/// RFC 5322, 3.2.3 `atext` and everything above ASCII (RFC 6531).
bool is_atom(std::string_view atom) noexcept
{
    constexpr std::string_view specials = "\"(),:;<>@[\\] ";
    return !atom.empty() && atom.find_first_of(specials) == std::string_view::npos;
}

bool looks_like_email(std::string_view text)
{
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return false;
    const auto local = text.substr(0, at);
    return text.size() <= longest_email_bytes && local.size() <= longest_local_bytes &&
           is_dotted(local, is_atom) && is_dotted(text.substr(at + 1), is_domain_label);
}

} // namespace

Result<Name, NameError> read_username(std::string_view text)
{
    auto name = read_name(text);
    if (!name) return name;
    const auto points = code_points(name->shown);
    if (!points) return NameError::not_text;
    if (points->size() > longest_username) return NameError::too_long;
    // In the folded form, where a full-width U+FF20 is an `@` too.
    if (enforced("names.at_sign") && name->folded.find('@') != std::string::npos) {
        return NameError::at_sign;
    }
    return name;
}

Result<Name, NameError> read_email(std::string_view text)
{
    auto name = read_name(text);
    if (!name) return name;
    if (enforced("names.email") &&
        (!looks_like_email(name->shown) || !looks_like_email(name->folded))) {
        return NameError::not_an_email;
    }
    return name;
}

std::optional<std::string> fold_name(std::string_view text)
{
    auto name = read_name(text);
    if (!name) return std::nullopt;
    return std::move(name->folded);
}

std::string_view to_string(NameError error) noexcept
{
    switch (error) {
    case NameError::empty:
        return "empty";
    case NameError::too_long:
        return "too_long";
    case NameError::not_text:
        return "not_text";
    case NameError::unseen_character:
        return "unseen_character";
    case NameError::outer_space:
        return "outer_space";
    case NameError::at_sign:
        return "at_sign";
    case NameError::not_an_email:
        return "not_an_email";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, NameError error)
{
    return out << to_string(error);
}

std::string_view explain(NameError error) noexcept
{
    switch (error) {
    case NameError::empty:
        return "must not be empty";
    case NameError::too_long:
        return "is too long";
    case NameError::not_text:
        return "is not valid UTF-8 text";
    case NameError::unseen_character:
        return "must not contain control, invisible or text-direction characters";
    case NameError::outer_space:
        return "must not begin or end with a space or contain two together";
    case NameError::at_sign:
        return "must not contain @";
    case NameError::not_an_email:
        return "is not an e-mail address";
    }
    return "is not allowed";
}

} // namespace gatehouse::auth
