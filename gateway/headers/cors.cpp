#include "gateway/headers/cors.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view requested_method = "access-control-request-method";
constexpr std::string_view requested_headers = "access-control-request-headers";

bool allows_anybody(const config::CorsSettings& cors) noexcept
{
    // With credentials "any origin" would hand every site the user's session.
    const bool credentials = enforced("cors.no_credentials_for_any") && cors.credentials;
    return !credentials && std::ranges::find(cors.origins, "*") != cors.origins.end();
}

void write_list(HeadWriter& out, std::string_view name, std::span<const std::string> members)
{
    out.put(name);
    out.put(": ");
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0) out.put(", ");
        out.put(members[i]);
    }
    out.put("\r\n");
}

void write_origin(HeadWriter& out, const config::CorsSettings& cors, std::string_view origin)
{
    out.field("Access-Control-Allow-Origin", allows_anybody(cors) ? "*" : origin);
    if (cors.credentials) out.put("Access-Control-Allow-Credentials: true\r\n");
}

/// What goes back in Allow-Headers when the settings name none: what the page asked for, if that
/// is a list of names.
bool is_name_list(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_token_char(c) || is_blank(c) || c == ',';
    });
}

void write_permissions(HeadWriter& out, const config::CorsSettings& cors,
                       std::span<const std::string> methods, std::span<const Field> fields)
{
    const auto& allowed = cors.methods.empty() ? methods : std::span{cors.methods};
    if (allowed.empty()) {
        out.field("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    } else {
        write_list(out, "Access-Control-Allow-Methods", allowed);
    }
    const auto asked = only_value(fields, requested_headers);
    if (!cors.headers.empty()) {
        write_list(out, "Access-Control-Allow-Headers", cors.headers);
    } else if (is_name_list(asked)) {
        out.field("Access-Control-Allow-Headers", asked);
    }
    out.put("Access-Control-Max-Age: ");
    out.put_number(static_cast<std::uint64_t>(std::max<std::int64_t>(cors.max_age.count(), 0)));
    out.put("\r\n");
}

} // namespace

bool is_preflight(std::string_view method, std::span<const Field> fields) noexcept
{
    if (method != "OPTIONS") return false;
    // Anything less is an ordinary OPTIONS, which needs its token like every request.  R25
    return !only_value(fields, "origin").empty() && !only_value(fields, requested_method).empty();
}

bool allows_origin(const config::CorsSettings& cors, std::string_view origin) noexcept
{
    if (origin.empty()) return false;
    if (allows_anybody(cors)) return true;
    return !enforced("cors.listed_origin") ||
           std::ranges::find(cors.origins, origin) != cors.origins.end();
}

void write_preflight(HeadWriter& out, const config::CorsSettings& cors,
                     std::span<const std::string> methods, std::span<const Field> fields,
                     std::string_view date, bool keep_alive) noexcept
{
    out.put("HTTP/1.1 204 No Content\r\n");
    const auto origin = only_value(fields, "origin");
    if (allows_origin(cors, origin)) {
        write_origin(out, cors, origin);
        write_permissions(out, cors, methods, fields);
    }
    out.put("Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n");
    out.field("Date", date);
    if (!keep_alive) out.put("Connection: close\r\n");
    out.put("\r\n");
}

void write_cors_fields(HeadWriter& out, const config::CorsSettings& cors,
                       std::string_view origin) noexcept
{
    if (allows_origin(cors, origin)) {
        write_origin(out, cors, origin);
        if (!cors.exposed_headers.empty())
            write_list(out, "Access-Control-Expose-Headers", cors.exposed_headers);
    }
    // Caches must not give one origin's permission to another, nor its absence.
    if (!allows_anybody(cors)) out.put("Vary: Origin\r\n");
}

} // namespace gatehouse::gateway
