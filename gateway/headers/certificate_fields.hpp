#pragma once

#include "config/settings/certificates.hpp"
#include "config/templates/text_template.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/net/tls/client_certificate.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What a client has shown on the connection of this very request, and in which fields backends
/// learn of it.
struct ShownCertificate {
    ShownCertificate(ClientCertificate certificate, const config::CertificateHeaders* headers);

    ClientCertificate is;
    const config::CertificateHeaders* told_in; // null: its listener asks for no certificates
    // Its names as one text, with commas between; empty where one of them could be two.
    std::string dns;
    std::string uri;
    std::string email;
};

/// What of it a template names. Empty: it does not say so, or there is none.
[[nodiscard]] std::string_view certificate_text(config::Variable variable,
                                                const ShownCertificate* shown) noexcept;

/// Those fields. What the certificate does not say is left out.
void write_certificate_fields(HeadWriter& out, const ShownCertificate& shown);

} // namespace gatehouse::gateway
