#include "gateway/headers/own_cookies.hpp"

#include "gateway/http/field_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

enum class Readable : bool { by_nobody, by_scripts };

std::string_view attribute(config::SameSite same_site) noexcept
{
    switch (same_site) {
    case config::SameSite::strict:
        return "Strict";
    case config::SameSite::lax:
        return "Lax";
    case config::SameSite::none:
        return "None";
    }
    return "Strict";
}

void write_cookie(CookieFields& fields, const config::AuthApiSettings& settings,
                  std::string_view name, std::string_view value, std::chrono::seconds life,
                  Readable readable = Readable::by_nobody)
{
    fields.emplace_back("Set-Cookie",
                        fmt::format("{}={};{} Secure; SameSite={}; Path={}; Max-Age={}", name,
                                    value, readable == Readable::by_nobody ? " HttpOnly;" : "",
                                    attribute(settings.contract.cookie.same_site),
                                    settings.cookie_path(), life.count()));
}

} // namespace

std::vector<std::string> own_cookie_names(const config::AuthApiSettings& settings)
{
    std::vector<std::string> names{settings.cookie_name};
    if (settings.has_access_cookie()) {
        names.push_back(settings.access_cookie_name);
        names.push_back(settings.csrf_cookie_name);
    }
    return names;
}

void write_cookies(CookieFields& fields, const CookieValues& values,
                   const config::AuthApiSettings& settings)
{
    write_cookie(fields, settings, settings.cookie_name, values.refresh, values.refresh_life);
    if (!settings.has_access_cookie()) return;
    write_cookie(fields, settings, settings.access_cookie_name, values.access, values.access_life);
    write_cookie(fields, settings, settings.csrf_cookie_name, values.csrf, values.refresh_life,
                 Readable::by_scripts);
}

void write_access_cookie(CookieFields& fields, std::string_view value, std::chrono::seconds life,
                         const config::AuthApiSettings& settings)
{
    if (!settings.has_access_cookie()) return;
    write_cookie(fields, settings, settings.access_cookie_name, value, life);
}

void write_device_cookie(CookieFields& fields, std::string_view value, std::chrono::seconds life,
                         const config::AuthApiSettings& settings)
{
    const auto& path = settings.contract.cookie.path;
    fields.emplace_back("Set-Cookie",
                        fmt::format("{}={}; HttpOnly; Secure; SameSite=Strict; Path={}; Max-Age={}",
                                    config::device_cookie_name, value,
                                    path.empty() ? settings.prefix : path, life.count()));
}

void clear_cookies(CookieFields& fields, const config::AuthApiSettings& settings)
{
    write_cookies(fields, {}, settings);
}

bool sets_cookie_of(std::string_view set_cookie, std::span<const std::string> names) noexcept
{
    auto pair = trimmed(set_cookie.substr(0, set_cookie.find(';')));
    while (pair.starts_with('=')) pair = trimmed(pair.substr(1));
    const auto name = trimmed(pair.substr(0, pair.find('=')));
    // Browsers take any spelling of a prefix for it, and compare the rest exactly; whoever is that
    // close to one of our names means no good.
    return std::ranges::any_of(names,
                               [&](const auto& own) { return equal_ignoring_case(name, own); });
}

} // namespace gatehouse::gateway
