#include "config/forms/upstream_forms.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"
#include "config/scalars/scalars.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

constexpr unsigned first_final = 200;
constexpr unsigned last_known = 599;

std::optional<unsigned> parse_status(std::string_view text)
{
    const auto number = text.size() == 3 ? parse_count(text) : std::nullopt;
    if (!number || *number < first_final || *number > last_known) return std::nullopt;
    return static_cast<unsigned>(*number);
}

/// What goes into a request line must not end it, nor begin another part of it.
bool is_target(std::string_view text)
{
    return text.starts_with('/') &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

Checked check_request_target(std::string_view text)
{
    if (!enforced("config.health_path") || is_target(text)) return {};
    return wrong(text, "is not a path to ask for",
                 "write what stands in a URL behind the host, "
                 "for example /healthz");
}

Checked check_request_host(std::string_view text)
{
    if (parse_endpoint("http://" + std::string{text})) return {};
    return wrong(text, "is not a host",
                 "write a name and perhaps a port, for example "
                 "orders.internal:8080");
}

Checked check_status_range(std::string_view text)
{
    if (parse_status_range(text)) return {};
    return wrong(text, "is not a status", "write 200, 2xx or 200-399, between 200 and 599");
}

Checked check_retry_cause(std::string_view text)
{
    if (parse_retry_cause(text)) return {};
    const std::vector<std::string_view> names(retry_causes.begin(), retry_causes.end());
    return wrong(text, "is no reason to send a request again", nearest_hint(text, names));
}

} // namespace

std::optional<StatusRange> parse_status_range(std::string_view text)
{
    if (text.size() == 3 && text.ends_with("xx")) {
        const auto first = parse_status(std::string{text.front()} + "00");
        if (!first) return std::nullopt;
        return StatusRange{*first, *first + 99};
    }
    const auto dash = text.find('-');
    const auto first = parse_status(text.substr(0, dash));
    const auto last = dash == text.npos ? first : parse_status(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return StatusRange{*first, *last};
}

std::optional<RetryCause> parse_retry_cause(std::string_view text)
{
    const auto found = std::ranges::find(retry_causes, text);
    if (found == retry_causes.end()) return std::nullopt;
    return static_cast<RetryCause>(found - retry_causes.begin());
}

namespace forms {
const Form request_target{"path", check_request_target};
const Form request_host{"host[:port]", check_request_host};
const Form status_range{"statuses", check_status_range};
const Form retry_cause{"`connect`, `reset`, `timeout`, `502`, `503`, `504`", check_retry_cause};
} // namespace forms

} // namespace gatehouse::config
