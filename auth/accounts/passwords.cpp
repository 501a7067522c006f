#include "auth/accounts/passwords.hpp"

#include "auth/accounts/common_passwords.hpp"
#include "auth/accounts/password_strength.hpp"
#include "auth/accounts/unicode.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::auth {

namespace {

constexpr std::size_t bcrypt_longest_bytes = 72;
/// A shorter name is part of many words; it does not make a password guessable.
constexpr std::size_t shortest_telling_name = 3;
/// So many characters beside the name make a password of it.
constexpr std::size_t enough_beside_name = 4;

/// Code points of UTF-8 text: bytes that do not continue one.
std::size_t length_of(std::string_view utf8) noexcept
{
    std::size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

/// Nearly all of the password is this name, also when it is written twice.
bool is_like(std::string_view folded_password, std::string_view name) noexcept
{
    if (length_of(name) < shortest_telling_name) return false;
    bool found = false;
    std::size_t beside = 0;
    while (!folded_password.empty()) {
        const auto at = std::min(folded_password.find(name), folded_password.size());
        beside += length_of(folded_password.substr(0, at));
        folded_password.remove_prefix(at);
        if (folded_password.empty()) break;
        folded_password.remove_prefix(name.size());
        found = true;
    }
    return found && beside < enough_beside_name;
}

/// The folded names of the account, and what stands before the `@`.
std::vector<std::string> telling_names(const User& whose)
{
    std::vector<std::string> names;
    if (whose.folded_username) names.push_back(*whose.folded_username);
    if (whose.folded_email) {
        names.push_back(*whose.folded_email);
        names.push_back(whose.folded_email->substr(0, whose.folded_email->rfind('@')));
    }
    return names;
}

/// What guessers try first.
std::optional<PasswordError> guessable(const Secret& normal,
                                       const config::PasswordSettings& settings, const User& whose)
{
    const auto names = telling_names(whose);
    const Secret folded(to_nfkc_casefold(normal.reveal()).value_or(""));
    if (enforced("passwords.common") && is_common_password(folded.reveal())) {
        return PasswordError::common;
    }
    const auto is_like_it = [&](const auto& name) { return is_like(folded.reveal(), name); };
    if (enforced("passwords.own_name") && std::ranges::any_of(names, is_like_it)) {
        return PasswordError::like_name;
    }
    if (settings.min_strength == 0) return std::nullopt;
    if (enforced("passwords.min_strength") &&
        password_strength(normal.reveal(), names) < settings.min_strength) {
        return PasswordError::weak;
    }
    return std::nullopt;
}

} // namespace

Result<Secret, PasswordError> read_new_password(const Secret& password,
                                                const config::PasswordSettings& settings,
                                                const User& whose)
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
    if (const auto why = guessable(normal, settings, whose)) return *why;
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
    case PasswordError::common:
        return "common";
    case PasswordError::like_name:
        return "like_name";
    case PasswordError::weak:
        return "weak";
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
    case PasswordError::common:
        return "is too common: it is among the first that guessers try";
    case PasswordError::like_name:
        return "must not be made of the account's own name";
    case PasswordError::weak:
        return "is too easy to guess: make it longer, or of words that do not belong together";
    }
    return "is not allowed";
}

} // namespace gatehouse::auth
