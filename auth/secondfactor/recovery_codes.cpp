#include "auth/secondfactor/recovery_codes.hpp"

#include "auth/secondfactor/totp.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

namespace gatehouse::auth {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_letters = 16;
constexpr std::size_t group_letters = 4;
constexpr std::size_t longest_typed_bytes = 64;

Secret new_code()
{
    std::string code;
    for (std::size_t i = 0; i < code_letters; ++i) {
        if (i > 0 && i % group_letters == 0) code += '-';
        code += alphabet[::randombytes_uniform(alphabet.size())];
    }
    return Secret(std::move(code));
}

char as_meant(char typed) noexcept
{
    if (typed >= 'a' && typed <= 'z') typed = static_cast<char>(typed - 'a' + 'A');
    if (typed == 'O') return '0';
    return typed == 'I' || typed == 'L' ? '1' : typed;
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

} // namespace

std::vector<Secret> new_recovery_codes()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: no codes
    std::vector<Secret> codes;
    for (std::size_t i = 0; i < recovery_codes_made; ++i) codes.push_back(new_code());
    return codes;
}

std::string recovery_code_digest(std::string_view user_id, const Secret& code)
{
    // User ids have no zero byte: nobody's code is another one's.
    std::string input("recovery-code:");
    input.append(user_id).push_back('\0');
    input.append(code.reveal());
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                         reinterpret_cast<const unsigned char*>(input.data()), input.size());
    ::sodium_memzero(input.data(), input.size());
    return digest;
}

std::optional<TypedCode> read_typed_code(std::string_view typed)
{
    if (typed.size() > longest_typed_bytes) return std::nullopt;
    std::string text;
    for (const char each : typed) {
        if (each != ' ' && each != '-') text += each;
    }
    if (text.size() == totp_digits && std::ranges::all_of(text, is_digit)) {
        return TypedCode{TypedCode::Kind::totp, Secret(std::move(text))};
    }
    std::ranges::transform(text, text.begin(), as_meant);
    const bool known = std::ranges::all_of(
        text, [](char c) { return alphabet.find(c) != std::string_view::npos; });
    if (text.size() != code_letters || !known) return std::nullopt;
    return TypedCode{TypedCode::Kind::recovery, Secret(std::move(text))};
}

} // namespace gatehouse::auth
