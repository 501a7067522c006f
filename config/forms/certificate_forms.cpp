// What settings say of certificates that clients show.
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

bool is_printable(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Exactly the text that we make of a certificate, or it would never be equal.  RFC 4514
Checked check_distinguished_name(std::string_view text)
{
    constexpr auto hint = "write what `openssl x509 -noout -subject -nameopt RFC2253 -in FILE` "
                          "shows behind `subject=`, for example CN=orders,O=Example";
    const auto name = text.find('=');
    if (name == 0 || name == text.npos || !is_printable(text))
        return wrong(text, "is not a distinguished name", hint);
    for (auto comma = text.find(','); comma != text.npos; comma = text.find(',', comma + 1)) {
        const bool escaped = comma > 0 && text[comma - 1] == '\\';
        if (!escaped && text.substr(comma + 1).starts_with(' '))
            return wrong(text, "has blanks behind its commas", hint);
    }
    return {};
}

Checked check_fingerprint(std::string_view text)
{
    constexpr int digits = 64; // of SHA-256
    const bool fits = std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':'; }) &&
                      std::ranges::count_if(text, is_hex) == digits;
    if (fits) return {};
    return wrong(text, "is not a SHA-256",
                 "write the 64 digits that `openssl x509 -noout -fingerprint -sha256 -in FILE` "
                 "shows, with or without colons");
}

Checked check_serial_number(std::string_view text)
{
    constexpr std::size_t longest = 40; // 20 bytes: RFC 5280, 4.1.2.2
    if (!text.empty() && text.size() <= longest && std::ranges::all_of(text, is_hex)) return {};
    return wrong(text, "is not a serial number",
                 "write the digits that `openssl x509 -noout -serial -in FILE` shows");
}

Checked check_certificate_name(std::string_view text)
{
    if (!text.empty() && is_printable(text) && text.find(' ') == text.npos) return {};
    return wrong(text, "is in no certificate", "write one name in ASCII, without blanks");
}

} // namespace

namespace forms {
const Form distinguished_name{"distinguished names", check_distinguished_name};
const Form fingerprint{"64 hexadecimal digits", check_fingerprint};
const Form serial_number{"hexadecimal digits", check_serial_number};
const Form certificate_name{"names", check_certificate_name};
} // namespace forms

} // namespace gatehouse::config
