#include "gateway/api/client_credential.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/bearer.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view basic = "basic";

using Shown = Result<std::optional<ClientCredential>, Refusal>;

Refusal no_credential(std::string reason)
{
    return {RefusalCode::token_invalid, std::move(reason)};
}

/// With padding, and nothing but its alphabet (RFC 4648, 4).
std::optional<std::string> decode_base64(std::string_view text)
{
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    if (sodium_base642bin(out, bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

/// Name and password are escaped as in a form before they are put together.
std::optional<std::string> unescaped(std::string_view text)
{
    const auto form = read_form("x=" + std::string(text));
    if (!form || form->parameters.size() != 1) return std::nullopt;
    return form->parameters.front().value;
}

/// `text` is what follows the scheme.
Shown by_basic(std::string_view text)
{
    const auto pair = decode_base64(text);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return no_credential("no valid Basic credential");
    auto id = unescaped(std::string_view(*pair).substr(0, colon));
    auto secret = unescaped(std::string_view(*pair).substr(colon + 1));
    if (!id || !secret || secret->empty()) return no_credential("no valid Basic credential");
    return std::optional(ClientCredential{Secret(*std::move(secret)), *std::move(id)});
}

Shown by_field(std::span<const Field> fields)
{
    const auto token = bearer_token(fields);
    if (token) return std::optional(ClientCredential{Secret(std::string(*token))});
    if (token.error() == auth::TokenError::ambiguous) return no_credential("ambiguous");
    const auto value = only_value(fields, "Authorization");
    if (value.empty()) return std::optional<ClientCredential>();
    if (!tries_basic(fields)) return no_credential("another scheme");
    return by_basic(trimmed(value.substr(basic.size())));
}

} // namespace

bool tries_basic(std::span<const Field> fields) noexcept
{
    const auto value = only_value(fields, "Authorization");
    const auto rest = value.substr(std::min(basic.size(), value.size()));
    return equal_ignoring_case(value.substr(0, basic.size()), basic) &&
           (rest.empty() || is_blank(rest.front()));
}

Shown client_credential(std::span<const Field> fields, const Form& form)
{
    auto shown = by_field(fields);
    if (!shown) return shown;
    const auto* const secret = form.find("client_secret");
    if (secret == nullptr) return shown;
    if (enforced("client.one_credential") && *shown) {
        return Refusal(RefusalCode::bad_request, "two credentials");
    }
    const auto* const id = form.find("client_id");
    if (id == nullptr || secret->empty()) return no_credential("half a credential in the form");
    return std::optional(ClientCredential{Secret(*secret), *id});
}

} // namespace gatehouse::gateway
