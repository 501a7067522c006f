#pragma once

#include "config/settings/certificates.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/net/tls/client_certificate.hpp"

namespace gatehouse::gateway {

/// What a client has shown on the connection of this very request, and in which fields backends
/// learn of it.
struct ShownCertificate {
    ClientCertificate is;
    const config::CertificateHeaders* told_in = nullptr;
};

/// Those fields. A list with an element that could be two is left out, and so is what the
/// certificate does not say.
void write_certificate_fields(HeadWriter& out, const ShownCertificate& shown);

} // namespace gatehouse::gateway
