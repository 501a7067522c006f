// The words of `issuers`.
#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

/// With `:`, a dot and a hash behind it a user id has 64 characters at most.
constexpr std::size_t longest_name = 24;

bool is_issuer_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_';
    });
}

Checked check_issuer_name(std::string_view text)
{
    if (text == "own") {
        return wrong(text, "is what routes call this gateway itself", "choose another name");
    }
    if (is_issuer_name(text)) return {};
    return wrong(text, "is not a name for an issuer", "write up to 24 letters, digits, - and _");
}

Checked check_route_issuer(std::string_view text)
{
    if (is_issuer_name(text)) return {};
    return wrong(text, "is not the name of an issuer", "write own, or a name below `issuers:`");
}

Checked check_jwks_url(std::string_view text)
{
    if (is_collector_url(text)) return {};
    return Problem{"is not the URL of a JWKS",
                   "write https://host/path, without a query and without a user"};
}

Checked check_token_algorithm(std::string_view text)
{
    // `none` is no signature, and a secret is not chosen here (R30).
    constexpr std::array<std::string_view, 9> known{"RS256", "RS384", "RS512", "PS256", "PS384",
                                                    "PS512", "ES256", "ES384", "EdDSA"};
    if (std::ranges::find(known, text) != known.end()) return {};
    if (text == "HS256") {
        return wrong(text, "needs a secret that both sides know",
                     "name its file in secret_file, and remove this line");
    }
    return wrong(text, "is no algorithm that tokens of others may have",
                 nearest_hint(text, {known.begin(), known.end()}));
}

Checked check_token_typ(std::string_view text)
{
    const bool fits = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '+' || c == '-' || c == '.' || c == '_';
    });
    // What a Gatehouse signs for other purposes opens nothing, wherever it comes from (R35).
    constexpr std::array<std::string_view, 4> closed{"rt+jwt", "identity+jwt", "dt+jwt", "lt+jwt"};
    const bool is_closed = std::ranges::any_of(closed, [&](std::string_view type) {
        return std::ranges::equal(type, text, {}, {},
                                  [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    });
    if (enforced("config.issuer_typ") && is_closed) {
        return wrong(text, "is no access token", "write at+jwt");
    }
    if (fits) return {};
    return wrong(text, "is not the type of a token",
                 "write it without application/, for example at+jwt");
}

} // namespace

namespace forms {
const Form issuer_name{"name", check_issuer_name};
const Form route_issuer{"`own` and names of `issuers`", check_route_issuer};
const Form jwks_url{"`https://host[:port][/path]`, or `http://`", check_jwks_url};
const Form token_algorithm{"`RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, "
                           "`ES384`, `EdDSA`",
                           check_token_algorithm};
const Form token_typ{"types, or `none`", check_token_typ};
} // namespace forms

} // namespace gatehouse::config
