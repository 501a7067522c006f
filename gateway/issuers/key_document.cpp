// What answers of an issuer say, besides keys.
#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/issuers/key_fetch.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::gateway {
namespace {

/// What may stand behind a `?`.  RFC 3986, 3.4
bool is_query(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        constexpr std::string_view marks = "-._~%!$&'()*+,;=:@/?";
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != marks.npos;
    });
}

/// Other than in our settings a query may stand in it: it is the issuer's own word, some tell their
/// clients apart by one (`?appid=`, `?p=`), and no message shows it.
bool is_key_url(std::string_view url)
{
    const auto mark = std::min(url.find('?'), url.size());
    return config::is_collector_url(url.substr(0, mark)) && is_query(url.substr(mark));
}

} // namespace

std::optional<std::chrono::seconds> max_age_in(std::string_view cache_control)
{
    constexpr std::string_view name = "max-age=";
    std::optional<std::chrono::seconds> found;
    for (auto rest = cache_control; !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        const auto word = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (equal_ignoring_case(word, "no-store") || equal_ignoring_case(word, "no-cache")) {
            return std::chrono::seconds(0);
        }
        if (word.size() <= name.size() || !equal_ignoring_case(word.substr(0, name.size()), name)) {
            continue;
        }
        const auto digits = word.substr(name.size());
        std::uint32_t seconds = 0;
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        if (error == std::errc() && stop == digits.data() + digits.size()) {
            found = std::chrono::seconds(seconds);
        }
    }
    return found;
}

std::string discovery_url(std::string_view issuer)
{
    while (issuer.ends_with('/')) issuer.remove_suffix(1);
    return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<KeyPlace, auth::jose::KeyError> key_place_in(std::string_view document,
                                                    std::string_view issuer)
{
    const auto read = auth::json::read(document);
    if (!read || read->object() == nullptr)
        return auth::jose::KeyError("its configuration is no JSON");
    const auto* name = read->find_string("issuer");
    if (enforced("issuers.discovery_issuer") && (name == nullptr || *name != issuer)) {
        return auth::jose::KeyError("its configuration is that of another issuer");
    }
    const auto* url = read->find_string("jwks_uri");
    if (url == nullptr || !is_key_url(*url)) {
        return auth::jose::KeyError("its configuration names no jwks_uri like https://host/path");
    }
    const bool weaker =
        issuer.starts_with(config::https_scheme) && !url->starts_with(config::https_scheme);
    if (enforced("issuers.discovery_https") && weaker) {
        return auth::jose::KeyError("its configuration names a jwks_uri without TLS");
    }
    return KeyPlace{*url};
}

} // namespace gatehouse::gateway
