#include "auth/accounts/password_strength.hpp"

#include <sodium.h>

#include <zxcvbn.h>

#include <array>
#include <vector>

namespace gatehouse::auth {

namespace {

constexpr std::size_t most_bytes = 100; // beyond them zxcvbn only counts, too

/// log2 of 10^3, 10^6, 10^8 and 10^10 guesses.
constexpr std::array<double, 4> steps_in_bits{9.9658, 19.9316, 26.5754, 33.2193};

} // namespace

std::uint32_t password_strength(std::string_view password, std::span<const std::string> names)
{
    std::string terminated(password.substr(0, most_bytes));
    std::vector<const char*> words;
    for (const auto& name : names) words.push_back(name.c_str());
    words.push_back(nullptr);
    const auto bits = ZxcvbnMatch(terminated.c_str(), words.data(), nullptr);
    sodium_memzero(terminated.data(), terminated.size());
    std::uint32_t score = 0;
    for (const auto step : steps_in_bits) score += bits >= step ? 1 : 0;
    return score;
}

} // namespace gatehouse::auth
