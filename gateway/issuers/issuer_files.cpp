#include "gateway/issuers/issuer_files.hpp"

#include "auth/tokens/issuer_keys.hpp"
#include "gateway/issuers/issuer_watch.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::gateway {
namespace {

using config::Diagnostic;
using config::Severity;

Diagnostic said(Severity severity, std::string key, std::string message, std::string hint)
{
    Diagnostic one;
    one.severity = severity;
    one.key = std::move(key);
    one.message = std::move(message);
    one.hint = std::move(hint);
    return one;
}

std::string place_of(const config::IssuerSettings& issuer)
{
    if (!issuer.secret_file.empty()) return "a secret in " + issuer.secret_file;
    if (!issuer.jwks.file.empty()) return "keys in " + issuer.jwks.file;
    return "keys from " +
           (issuer.jwks.url.empty() ? discovery_url(issuer.issuer) : issuer.jwks.url);
}

} // namespace

std::vector<Diagnostic> look_at_issuer_files(const config::Settings& settings)
{
    std::vector<Diagnostic> all;
    for (const auto& [name, issuer] : settings.issuers) {
        if (issuer.jwks.file.empty()) continue;
        const auto key = fmt::format("issuers.{}.jwks.file", name);
        const auto published =
            auth::jose::read_jwks(issuer.jwks.file_text, auth::algorithms_of(issuer));
        const auto keys = auth::keys_in_settings(issuer);
        if (!keys) {
            all.push_back(said(Severity::error, key,
                               fmt::format("{}: {}", issuer.jwks.file, keys.error().message),
                               "write what the issuer publishes at its jwks_uri"));
            continue;
        }
        for (const auto& why : published->left_out) {
            all.push_back(said(Severity::warning, key,
                               fmt::format("{}: {} {}", issuer.jwks.file, why, "and is left out"),
                               "tokens signed with it are refused"));
        }
    }
    return all;
}

std::vector<std::string> issuer_lines(const config::Settings& settings)
{
    std::vector<std::string> lines;
    for (const auto& [name, issuer] : settings.issuers) {
        const auto audience = issuer.any_audience
                                  ? std::string("ANYBODY")
                                  : fmt::format("{}", fmt::join(issuer.audience, ", "));
        lines.push_back(fmt::format("issuer {}: tokens of {} for {}, {}; users are {}:...", name,
                                    issuer.issuer, audience, place_of(issuer), name));
    }
    return lines;
}

std::vector<IssuerTried> try_issuers(const config::Settings& settings)
{
    std::vector<IssuerTried> tried;
    KeyFetch fetch;
    for (const auto& [name, issuer] : settings.issuers) {
        if (!issuer.is_fetched()) continue;
        const auto answer = ask_issuer(fetch, issuer, [] { return false; });
        tried.push_back({fmt::format("issuer {}, {}", name, place_of(issuer)), answer.why});
    }
    return tried;
}

} // namespace gatehouse::gateway
