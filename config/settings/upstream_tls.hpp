#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/tls_version.hpp"

#include <string>

namespace gatehouse::config {

/// YAML: `upstreams.<name>.tls`.
struct UpstreamTlsSettings {
    std::string ca;
    std::string certificate;
    std::string key;
    std::string server_name;
    bool verify = true;
    TlsMinVersion min_version = TlsMinVersion::v1_2;
    /// What stands in the files. Not in YAML: read when it is.
    std::string ca_pem;
    std::string certificate_pem;
    Secret key_pem;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = UpstreamTlsSettings;
        table.key("ca", &Self::ca, forms::file_path,
                  "The file (PEM) of the authorities that may have signed the service's "
                  "certificate. Without: those of the system. Read again when it changes, as are "
                  "the other files.");
        table.key("certificate", &Self::certificate, forms::file_path,
                  "The file (PEM) of a certificate to show to the service, then of those that "
                  "lead to its authority.");
        table.key("key", &Self::key, forms::file_path, "The file (PEM) of its private key.");
        table.key("server_name", &Self::server_name, forms::server_name,
                  "The name the service is asked for (SNI) and its certificate must be for. "
                  "Without: the host of the endpoint.");
        table.key("verify", &Self::verify, AsTyped{},
                  "`false`: whoever answers is taken for the service, and whoever sits between "
                  "can read and change everything. For trying things out.");
        table.key("min_version", &Self::min_version, AsTyped{},
                  "The oldest version of TLS that is spoken.");
    }
};

} // namespace gatehouse::config
