// What rates are counted by.
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"
#include "config/settings/rates.hpp"

namespace gatehouse::config {
namespace {

constexpr std::string_view header_front = "header:";

Checked check_rate_by(std::string_view text)
{
    for (const auto word : {"user", "session", "address", "route"}) {
        if (text == word) return {};
    }
    const bool is_header = text.starts_with(header_front) &&
                           !forms::header_name.check(text.substr(header_front.size()));
    if (is_header) return {};
    return wrong(text, "is nothing to count by",
                 "write user, session, address, route or header:NAME, such as header:X-Tenant");
}

/// It stands between quotation marks in a field of answers, and in metrics.
Checked check_rate_name(std::string_view text)
{
    if (!forms::upstream_name.check(text)) return {};
    return wrong(text, "is not a name for a rate", "write up to 64 letters, digits, -, _ and .");
}

} // namespace

RateKey rate_key_of(std::string_view text) noexcept
{
    if (text == "user") return {RateBy::user, {}};
    if (text == "session") return {RateBy::session, {}};
    if (text == "address") return {RateBy::address, {}};
    if (text.starts_with(header_front)) return {RateBy::header, text.substr(header_front.size())};
    return {RateBy::route, {}};
}

namespace forms {
const Form rate_name{"name", check_rate_name};
const Form rate_by{"`user`, `session`, `address`, `header:<name>` or `route`", check_rate_by};
} // namespace forms

} // namespace gatehouse::config
