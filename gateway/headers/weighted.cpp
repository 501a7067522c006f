#include "gateway/headers/weighted.hpp"

namespace gatehouse::gateway {
namespace {

/// `0.5` is 500, `1` and `1.000` are 1000.
unsigned thousandths(std::string_view text) noexcept
{
    if (text.empty() || (text.front() != '0' && text.front() != '1')) return 0;
    unsigned value = text.front() == '1' ? 1000 : 0;
    if (text.size() > 1 && text[1] != '.') return 0;
    unsigned place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (!is_digit(text[i]) || place == 0) return 0;
        value += static_cast<unsigned>(text[i] - '0') * place;
    }
    return value <= 1000 ? value : 0;
}

} // namespace

unsigned weight_of(std::string_view element) noexcept
{
    for (auto semicolon = element.find(';'); semicolon != element.npos;
         semicolon = element.find(';')) {
        element.remove_prefix(semicolon + 1);
        const auto parameter = trimmed(element.substr(0, element.find(';')));
        if (parameter.size() > 1 && lower(parameter[0]) == 'q' && parameter[1] == '=') {
            return thousandths(parameter.substr(2));
        }
    }
    return 1000;
}

} // namespace gatehouse::gateway
