// The words of a policy: what a route may ask of a user or a token.
#include "config/claims/claim_path.hpp"
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

Checked check_role(std::string_view text)
{
    const bool fits = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '_' || c == ':' || c == '-';
    });
    if (fits) return {};
    return wrong(text, "is not a role", "write up to 64 letters, digits, ., _, : and -");
}

Checked check_proof(std::string_view text)
{
    if (text == proof_passkey || text == proof_totp) return {};
    return wrong(text, "is nothing that can be required", "write passkey or totp");
}

/// RFC 6749, 3.3: printable ASCII without blank, `"` and `\`.
Checked check_scope(std::string_view text)
{
    const bool fits = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
    });
    if (fits) return {};
    return wrong(text, "is not a scope",
                 "write up to 64 letters, digits and marks, for example orders.read");
}

Checked check_claim_path(std::string_view text)
{
    if (!split_claim_path(text).empty()) return {};
    return wrong(text, "is not the path of a claim",
                 "write names with dots between them, for example org.plan; a dot that belongs to "
                 "a name is \\.");
}

Checked check_separator(std::string_view text)
{
    constexpr std::size_t longest = 4;
    const bool fits =
        !text.empty() && text.size() <= longest && std::ranges::none_of(text, [](char c) {
            return c < ' ' || c >= '\x7f' || is_alphanumeric(c);
        });
    if (fits) return {};
    return wrong(text, "does not separate values",
                 "write one to four marks or blanks, for example \",\"");
}

} // namespace

namespace forms {
const Form role{"role names", check_role};
const Form scope{"scopes", check_scope};
const Form proof{"`passkey`, `totp`", check_proof};
const Form claim_path{"path of a claim", check_claim_path};
const Form separator{"marks or blanks", check_separator};
} // namespace forms

} // namespace gatehouse::config
