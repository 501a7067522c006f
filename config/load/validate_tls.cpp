#include "config/environment/read_file.hpp"
#include "config/load/secrets.hpp"
#include "config/load/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_pem = MiB; // all authorities of a system take a quarter of it
constexpr auto year = std::chrono::seconds(365 * 24h);

/// Reads the files that one listener names.
class PemReader {
public:
    PemReader(const std::string& folder, const Node& root, Report& report)
        : folder_(folder),
          root_(root),
          report_(report)
    {
    }

    /// Empty after a complaint.
    [[nodiscard]] std::string read(const std::string& key, std::string& file)
    {
        file = (std::filesystem::path{folder_} / file).lexically_normal().string();
        report_.draws_in(file);
        auto content = read_file(file, longest_pem);
        if (content) return *std::move(content);
        report_.error(
            nearest_node(root_, key), key,
            {file + " " + content.error().message, "name a PEM file that this user may read"});
        return {};
    }

    void read(const std::string& key, CertificateSettings& pair)
    {
        pair.chain_pem = read(key + ".certificate", pair.certificate);
        pair.key_pem = Secret(read(key + ".key", pair.key));
    }

private:
    const std::string& folder_;
    const Node& root_;
    Report& report_;
};

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
        reader.read(key, tls.pairs.back());
    }
    for (std::size_t i = 0; i < tls.certificates.size(); ++i) {
        tls.pairs.push_back(tls.certificates[i]);
        reader.read(fmt::format("{}.certificates[{}]", key, i), tls.pairs.back());
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
        if (!listen.redirect_to_https) continue;
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
