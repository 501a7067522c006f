#include "config/basics/enforced.hpp"
#include "config/environment/read_file.hpp"
#include "config/forms/address.hpp"
#include "config/load/pem_reader.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_bundle = 4 * MiB; // they take a tenth of it

/// Where Debian and most others keep them. OpenSSL knows the variable.
constexpr auto usual_authorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr auto authorities_variable = "SSL_CERT_FILE";

bool is_https(const std::string& url)
{
    return url.starts_with(https_scheme);
}

bool has_https(const UpstreamSettings& upstream)
{
    return std::ranges::any_of(upstream.endpoints,
                               [](const auto& endpoint) { return is_https(endpoint.url); });
}

/// Whether some endpoint is verified by the system's authorities.
bool needs_system_authorities(const Settings& settings)
{
    const bool some_upstream = std::ranges::any_of(settings.upstreams, [](const auto& named) {
        const auto& tls = named.second.tls;
        return has_https(named.second) && (!tls || (tls->verify && tls->ca.empty()));
    });
    return some_upstream || std::ranges::any_of(settings.routes, [](const auto& route) {
               return is_https(route.to);
           });
}

void take_system_authorities(Settings& settings, const Environment& environment, Report& report)
{
    const auto named = find(environment, authorities_variable).value_or("");
    const std::string file{named.empty() ? usual_authorities : named};
    report.draws_in(file);
    auto content = read_file(file, longest_bundle);
    if (!content) {
        report.error("upstreams",
                     {fmt::format("the system's authorities: {} {}", file, content.error().message),
                      "install ca-certificates, set SSL_CERT_FILE, or name the "
                      "service's authority in upstreams.<name>.tls.ca"});
        return;
    }
    settings.system_authorities = std::make_shared<const std::string>(*std::move(content));
}

} // namespace

void take_upstream_files(Settings& settings, const Environment& environment,
                         const std::string& folder, const Node& root, Report& report)
{
    PemReader reader(folder, root, report);
    for (auto& [name, upstream] : settings.upstreams) {
        const auto key = fmt::format("upstreams.{}.tls", name);
        if (!upstream.tls || report.blames(key)) continue;
        auto& tls = *upstream.tls;
        tls.ca_pem = reader.read(key + ".ca", tls.ca);
        tls.certificate_pem = reader.read(key + ".certificate", tls.certificate);
        tls.key_pem = Secret(reader.read(key + ".key", tls.key));
    }
    if (needs_system_authorities(settings)) take_system_authorities(settings, environment, report);
}

void validate_upstream_tls(const Settings& settings, const Node& root, Report& report)
{
    for (const auto& [name, upstream] : settings.upstreams) {
        const auto key = fmt::format("upstreams.{}.tls", name);
        if (!upstream.tls || report.blames(key)) continue;
        const auto& tls = *upstream.tls;
        if (tls.certificate.empty() != tls.key.empty()) {
            report.error(nearest_node(root, key), key,
                         {fmt::format("has no {}", tls.key.empty() ? "key" : "certificate"),
                          "certificate and key go together"});
        }
        if (!report.blames(fmt::format("upstreams.{}.endpoints", name)) && !has_https(upstream)) {
            report.warning(nearest_node(root, key), key,
                           {"no endpoint is spoken to over TLS",
                            "write https:// in endpoints, or remove this"});
        }
        if (tls.verify) continue;
        const auto place = key + ".verify";
        report.warning(nearest_node(root, place), place,
                       {"WHOEVER ANSWERS IS TAKEN FOR THE SERVICE: tokens and answers can be read "
                        "and changed on the way",
                        "name the authority that signed its certificate in tls.ca instead"});
        if (tls.ca.empty()) continue;
        report.error(nearest_node(root, key + ".ca"), key + ".ca",
                     {"is looked at by nobody with `verify: false`", "remove one of the two"});
    }
}

} // namespace gatehouse::config
