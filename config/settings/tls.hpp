#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/certificates.hpp"
#include "config/settings/terms.hpp"
#include "config/settings/tls_version.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// Whether a client has to show a certificate.
enum class ClientCertificateMode { optional, required };

constexpr auto words(ClientCertificateMode)
{
    using enum ClientCertificateMode;
    return std::array{
        Word{"optional", optional},
        Word{"required", required}
    };
}

/// YAML: `listen[].tls.certificates[]`.
struct CertificateSettings {
    std::string certificate{};
    std::string key{};
    /// What stands in them. Not in YAML: read when it is.
    std::string chain_pem{};
    Secret key_pem{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CertificateSettings;
        table.required("certificate", &Self::certificate, forms::file_path,
                       "Its file (PEM): the certificate, then those that lead to the authority.");
        table.required("key", &Self::key, forms::file_path, "The file of its private key (PEM).");
    }
};

/// YAML: `listen[].tls.client_certificates`.
struct ClientCertificateSettings {
    std::string ca;
    ClientCertificateMode mode = ClientCertificateMode::required;
    CertificateHeaders headers;
    /// What stands in `ca`.
    std::string ca_pem;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ClientCertificateSettings;
        table.required("ca", &Self::ca, forms::file_path,
                       "The file (PEM) of the authorities whose certificates are taken.");
        table.key("mode", &Self::mode, AsTyped{},
                  "Whether a client must show one: `required`, or `optional`. One that is shown "
                  "must be good.");
        table.section("headers", &Self::headers,
                      "The headers in which backends learn of it. No client's field of such a name "
                      "reaches a backend, on any route and by any listener.");
    }
};

/// YAML: `listen[].tls`.
struct ListenTlsSettings {
    std::string certificate;
    std::string key;
    std::vector<CertificateSettings> certificates;
    TlsMinVersion min_version = TlsMinVersion::v1_2;
    std::optional<ClientCertificateSettings> client_certificates;
    /// `certificate` and `key`, then those of the list, with what stands in the files.
    std::vector<CertificateSettings> pairs;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ListenTlsSettings;
        table.key("certificate", &Self::certificate, forms::file_path,
                  "The file (PEM) of the certificate, then of those that lead to the authority. "
                  "Read again when it changes.");
        table.key("key", &Self::key, forms::file_path, "The file (PEM) of its private key.");
        table.list("certificates", &Self::certificates,
                   "More of them, or all: a client gets the one for the name it asks for (SNI), "
                   "or the first. RSA and ECDSA for one name go together.");
        table.key("min_version", &Self::min_version, AsTyped{}, "The oldest version of TLS.");
        table.section("client_certificates", &Self::client_certificates,
                      "Certificates that clients show.");
    }
};

/// Sends everybody to HTTPS. YAML: `listen[].redirect_to_https`, `true` or a map.
struct HttpsRedirectSettings {
    bool on = false;
    std::uint32_t port = 0;

    friend bool operator==(const HttpsRedirectSettings&, const HttpsRedirectSettings&) = default;

    template <class Table>
    static void describe(Table& table)
    {
        table.key("port", &HttpsRedirectSettings::port, count(0, 65'535),
                  "The port that clients are sent to, where something in front of this gateway "
                  "maps it to another. 0: that of the first listener with `tls`.");
    }
};

/// What all listeners share. YAML: `tls`.
struct TlsSettings {
    std::chrono::milliseconds ticket_rotation = 12h;

    template <class Table>
    static void describe(Table& table)
    {
        table.key("ticket_rotation", &TlsSettings::ticket_rotation, between(1min, 7 * 24h),
                  "How long a key seals session tickets; a ticket is good for as long. Such keys "
                  "are made at random and never leave the memory.");
    }
};

/// YAML: `hsts`. RFC 6797.
struct HstsSettings {
    std::chrono::seconds max_age = 24h * 365;
    bool include_subdomains = false;
    bool preload = false;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = HstsSettings;
        table.key("max_age", &Self::max_age, between(0s, 24h * 3650),
                  "How long a browser keeps to HTTPS; 0 takes it back.");
        table.key("include_subdomains", &Self::include_subdomains, AsTyped{},
                  "Also for all names below this one.");
        table.key("preload", &Self::preload, AsTyped{},
                  "Asks for a place in the lists that browsers are shipped with; needs a year and "
                  "all names below.");
    }
};

} // namespace gatehouse::config
