#pragma once

#include "config/basics/result.hpp"
#include "config/settings/tls.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/net/tls/ssl_pointer.hpp"
#include "gateway/net/tls/ticket_keys.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What cannot be served, and by which setting.
struct TlsProblem {
    TlsProblem() = default;
    TlsProblem(std::string where, std::string what);

    std::string key;     // certificates[1].key, of the listener's `tls`; or empty
    std::string message; // a sentence for the operator
};

/// What is known of a certificate that is served.
struct ServedCertificate {
    std::string file;
    std::vector<std::string> names; // that it covers
    std::string type;               // RSA 2048
    std::int64_t begins = 0;        // seconds since 1970
    std::int64_t ends = 0;
};

/// One listener's TLS: its certificates, chosen by the name a client asks for.
struct TlsServer {
    SslContextPtr context; // of the first certificate, and the way to the others
    std::vector<ServedCertificate> certificates;
};

/// `listener`: its address. Tickets are good where they were made only, and only while the terms
/// for clients' certificates stay as they were.
[[nodiscard]] Result<TlsServer, TlsProblem> make_tls_server(const config::ListenTlsSettings& terms,
                                                            const std::string& listener,
                                                            std::shared_ptr<TicketKeys> tickets);

} // namespace gatehouse::gateway
