#include "auth/accounts/passwords.hpp"

#include "auth/accounts/unicode.hpp"
#include "config/basics/enforced.hpp"

namespace gatehouse::auth {

namespace {

constexpr std::size_t bcrypt_longest_bytes = 72;

/// Code points of UTF-8 text: bytes that do not continue one.
std::size_t length_of(std::string_view utf8) noexcept
{
    std::size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

} // namespace

Result<Secret, PasswordError> read_new_password(const Secret& password,
                                                const config::PasswordSettings& settings)
{
    auto text = to_nfc(password.reveal());
    if (!text) return PasswordError::not_text;
    Secret normal(std::move(*text));
    if (enforced("passwords.nul") && normal.reveal().find('\0') != std::string_view::npos) {
        return PasswordError::nul;
    }
    const auto length = length_of(normal.reveal());
    if (enforced("passwords.min_length") && length < settings.min_length) {
        return PasswordError::too_short;
    }
    if (enforced("passwords.max_length") && length > settings.max_length) {
        return PasswordError::too_long;
    }
    if (settings.hash == config::PasswordHash::bcrypt && normal.size() > bcrypt_longest_bytes) {
        return PasswordError::too_long_for_bcrypt;
    }
    return normal;
}

Secret read_password(const Secret& password)
{
    auto text = to_nfc(password.reveal());
    return text ? Secret(std::move(*text)) : password;
}

std::string_view to_string(PasswordError error) noexcept
{
    switch (error) {
    case PasswordError::too_short:
        return "too_short";
    case PasswordError::too_long:
        return "too_long";
    case PasswordError::not_text:
        return "not_text";
    case PasswordError::nul:
        return "nul";
    case PasswordError::too_long_for_bcrypt:
        return "too_long_for_bcrypt";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, PasswordError error)
{
    return out << to_string(error);
}

std::string explain(PasswordError error, const config::PasswordSettings& settings)
{
    switch (error) {
    case PasswordError::too_short:
        return "must have at least " + std::to_string(settings.min_length) + " characters";
    case PasswordError::too_long:
        return "must have at most " + std::to_string(settings.max_length) + " characters";
    case PasswordError::not_text:
        return "is not valid UTF-8 text";
    case PasswordError::nul:
        return "must not contain the character U+0000";
    case PasswordError::too_long_for_bcrypt:
        return "must have at most " + std::to_string(bcrypt_longest_bytes) + " bytes";
    }
    return "is not allowed";
}

} // namespace gatehouse::auth
