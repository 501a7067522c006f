#include "gateway/portal/portal.hpp"

#include "auth/json/writer.hpp"
#include "auth/service/second_factor_seal.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/weighted.hpp"
#include "gateway/pipeline/credential.hpp"
#include "gateway/portal/portal_files.hpp"
#include "gateway/routing/auth_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace gatehouse::gateway {
namespace {

/// Nothing but our own files runs, and no text ever becomes a script: where a page could be made to
/// show what an attacker wrote, it still stays text.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

/// Each is the same file; it knows by its own address what it shows.
constexpr auto pages = std::to_array<std::string_view>(
    {"/account", "/forgot", "/register", "/reset", "/sign-in", "/verify"});

constexpr std::string_view page_file = "index.html";
constexpr std::string_view own_css = "/assets/own.css";

/// What a person chose on a page, for all the next ones.
constexpr std::string_view language_cookie = "portal_language";

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields guarded(std::string_view type)
{
    return {
        {"Content-Type",                 std::string(type)                   },
        {"Content-Security-Policy",      std::string(content_security_policy)},
        {"X-Content-Type-Options",       "nosniff"                           },
        {"Referrer-Policy",              "no-referrer"                       },
        {"Cross-Origin-Opener-Policy",   "same-origin"                       },
        {"Cross-Origin-Resource-Policy", "same-origin"                       },
    };
}

const PortalFile* file_for(std::string_view name) noexcept
{
    if (std::ranges::find(pages, name) != pages.end())
        name = page_file;
    else if (name.starts_with("/assets/"))
        name.remove_prefix(1);
    else
        return nullptr;
    const auto files = portal_files();
    const auto found = std::ranges::find(files, name, &PortalFile::name);
    return found == files.end() ? nullptr : &*found;
}

bool takes_gzip(std::span<const Field> fields)
{
    unsigned weight = 0;
    for_each_weighted(fields, "Accept-Encoding", [&](std::string_view what, unsigned wanted) {
        if (equal_ignoring_case(what, "gzip")) weight = wanted;
    });
    return weight > 0;
}

/// Weak comparison, which is the one for GET: RFC 9110, 13.1.2.
bool knows(std::span<const Field> fields, std::string_view tag)
{
    bool known = false;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, "If-None-Match")) continue;
        for_each_element(field.value, [&](std::string_view element) {
            if (element.starts_with("W/")) element.remove_prefix(2);
            if (element == tag || element == "*") known = true;
        });
    }
    return known;
}

/// A browser asks each time whether what it has is still so: after an update no page meets the
/// scripts of the one before.
LocalResponse answer_with(Fields fields, std::string_view body, const std::string& tag,
                          const LocalRequest& request)
{
    LocalResponse response;
    response.fields = std::move(fields);
    response.fields.emplace_back("Cache-Control", "no-cache");
    response.fields.emplace_back("ETag", tag);
    if (knows(request.fields, tag)) {
        response.status = 304;
    } else {
        response.body = body;
    }
    return response;
}

LocalResponse answer_with(const PortalFile& file, const LocalRequest& request)
{
    auto fields = guarded(file.type);
    fields.emplace_back("Vary", "Accept-Encoding");
    if (!takes_gzip(request.fields)) {
        return answer_with(std::move(fields), file.text, fmt::format("\"{}\"", file.hash), request);
    }
    fields.emplace_back("Content-Encoding", "gzip");
    return answer_with(std::move(fields), file.packed, fmt::format("\"{}-gz\"", file.hash),
                       request);
}

LocalResponse refused(RefusalCode code, std::string allow = {})
{
    LocalResponse response;
    response.refusal = Refusal(code);
    response.refusal->allow = std::move(allow);
    return response;
}

void write_texts(auth::json::Writer& json, std::string_view name,
                 const std::vector<std::string>& texts)
{
    json.name(name);
    json.begin_array();
    for (const auto& text : texts) json.string(text);
    json.end_array();
}

/// Whether people may set up an authenticator app, as the call for it judges.
bool offers_apps(const config::Settings& settings)
{
    return settings.second_factor.totp != config::TotpMode::off &&
           auth::SecondFactorSeal(settings).is_possible();
}

void write_flag(auth::json::Writer& json, std::string_view name, bool on)
{
    json.name(name);
    json.boolean(on);
}

} // namespace

Portal::Portal(const config::Settings& settings)
    : place_(settings.portal.on ? settings.auth.prefix + "/portal" : ""),
      settings_(settings),
      own_css_hash_(
          fmt::format("\"own-{:016x}\"", std::hash<std::string>()(settings.portal.css_text)))
{
}

bool Portal::owns(std::string_view path) const noexcept
{
    return !place_.empty() && is_under(path, place_);
}

LocalResponse Portal::answer(const LocalRequest& request) const
{
    const auto name = request.path.substr(place_.size());
    const bool is_first = name.empty() || name == "/";
    const auto* file = file_for(name);
    if (!is_first && name != own_css && name != "/features.json" && file == nullptr) {
        return refused(RefusalCode::not_found);
    }
    if (request.method != "GET" && request.method != "HEAD") {
        return refused(RefusalCode::method_not_allowed, "GET, HEAD");
    }
    if (file != nullptr) return answer_with(*file, request);
    if (name == own_css) {
        return answer_with(guarded("text/css; charset=utf-8"), settings_.portal.css_text,
                           own_css_hash_, request);
    }
    if (!is_first) return features(request);
    LocalResponse response;
    response.status = 302;
    response.fields = {
        {"Location",      place_ + "/account"},
        {"Cache-Control", "no-store"         }
    };
    return response;
}

/// What was chosen on a page, else what the browser wants most of what there is.
std::string_view Portal::language_for(const LocalRequest& request) const
{
    const auto& offered = settings_.portal.languages;
    const auto offer = [&](std::string_view tag) -> const std::string* {
        const auto main = tag.substr(0, tag.find('-'));
        const auto found = std::ranges::find_if(
            offered, [&](const auto& each) { return equal_ignoring_case(each, main); });
        return found == offered.end() ? nullptr : &*found;
    };
    const auto cookie = token_in_cookie(request.fields, language_cookie);
    if (cookie && offer(*cookie) != nullptr) return *offer(*cookie);
    std::string_view best = offered.front();
    unsigned most = 0;
    for_each_weighted(request.fields, "Accept-Language",
                      [&](std::string_view tag, unsigned weight) {
                          const auto* each = offer(tag);
                          if (each == nullptr || weight <= most) return;
                          best = *each;
                          most = weight;
                      });
    return best;
}

LocalResponse Portal::features(const LocalRequest& request) const
{
    const auto& portal = settings_.portal;
    LocalResponse response;
    response.fields = guarded("application/json");
    response.fields.emplace_back("Cache-Control", "no-store");
    auth::json::Writer json(response.body);
    json.begin_object();
    json.member("name", portal.name);
    json.member("language", language_for(request));
    write_texts(json, "languages", portal.languages);
    write_texts(json, "returnTo",
                portal.return_to.empty() ? settings_.auth.origins : portal.return_to);
    json.member("registration", config::word_for(settings_.registration));
    json.name("password");
    json.begin_object();
    json.member("least", std::int64_t{settings_.passwords.min_length});
    json.member("most", std::int64_t{settings_.passwords.max_length});
    json.end_object();
    // Each is shown once its calls are there and set up.
    write_texts(json, "passkeys",
                settings_.passkeys.is_on() ? settings_.passkeys.all_origins()
                                           : std::vector<std::string>());
    write_flag(json, "secondFactor", offers_apps(settings_));
    write_flag(json, "mail", settings_.mail.is_on());
    json.end_object();
    return response;
}

} // namespace gatehouse::gateway
