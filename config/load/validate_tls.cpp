#include "config/load/pem_reader.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr auto year = std::chrono::seconds(365 * 24h);

void take_pair(PemReader& reader, const std::string& key, CertificateSettings& pair)
{
    pair.chain_pem = reader.read(key + ".certificate", pair.certificate);
    pair.key_pem = Secret(reader.read(key + ".key", pair.key));
}

void take_files(ListenTlsSettings& tls, const std::string& key, PemReader& reader, const Node& root,
                Report& report)
{
    if (tls.certificate.empty() != tls.key.empty()) {
        report.error(nearest_node(root, key), key,
                     {fmt::format("has no {}", tls.key.empty() ? "key" : "certificate"),
                      "certificate and key go together"});
        return;
    }
    if (tls.certificate.empty() && tls.certificates.empty()) {
        report.error(nearest_node(root, key), key,
                     {"names no certificate", "write `certificate` and `key`, two PEM files"});
        return;
    }
    if (!tls.certificate.empty()) {
        tls.pairs.push_back({.certificate = tls.certificate, .key = tls.key});
        take_pair(reader, key, tls.pairs.back());
    }
    for (std::size_t i = 0; i < tls.certificates.size(); ++i) {
        tls.pairs.push_back(tls.certificates[i]);
        take_pair(reader, fmt::format("{}.certificates[{}]", key, i), tls.pairs.back());
    }
    if (auto& clients = tls.client_certificates) {
        clients->ca_pem = reader.read(key + ".client_certificates.ca", clients->ca);
    }
}

} // namespace

void take_certificates(Settings& settings, const std::string& folder, const Node& root,
                       Report& report)
{
    PemReader reader(folder, root, report);
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        const auto key = fmt::format("listen[{}].tls", i);
        auto& tls = settings.listen[i].tls;
        if (tls && !report.blames(key)) take_files(*tls, key, reader, root, report);
    }
}

void validate_tls(const Settings& settings, const Node& root, Report& report)
{
    const auto has_tls = [](const ListenSettings& listen) { return listen.tls.has_value(); };
    const bool some = std::ranges::any_of(settings.listen, has_tls);
    const auto blame = [&](const std::string& key, Problem problem) {
        report.error(nearest_node(root, key), key, std::move(problem));
    };
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        const auto& listen = settings.listen[i];
        const auto key = fmt::format("listen[{}].redirect_to_https", i);
        if (!listen.redirect_to_https.on) continue;
        if (listen.tls) blame(key, {"is for plain listeners", "this one speaks HTTPS itself"});
        if (!some) blame(key, {"leads nowhere", "give another listener `tls`"});
    }
    const auto& hsts = settings.hsts;
    if (!hsts) return;
    if (!some) {
        report.warning(nearest_node(root, "hsts"), "hsts",
                       {"is never sent, for no listener has `tls`",
                        "let what ends TLS in front of this gateway send it"});
    }
    if (hsts->preload && (!hsts->include_subdomains || hsts->max_age < year)) {
        blame("hsts.preload", {"needs include_subdomains and a max_age of a year (365d)",
                               "without them the lists take no name"});
    }
}

} // namespace gatehouse::config
