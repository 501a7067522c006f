#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What a certificate says of whoever has its key, in printable ASCII alone. What could not be said
/// so, or is longer than anybody needs, is left out as a whole and never cut.
struct ClientCertificate {
    std::string subject; // RFC 4514; other bytes as `\C3\A9`
    std::string issuer;
    std::string fingerprint;      // SHA-256: 64 small hexadecimal digits
    std::string serial;           // capital hexadecimal digits
    std::vector<std::string> dns; // in small letters
    std::vector<std::string> uri;
    std::vector<std::string> email;
    std::int64_t begins = 0; // seconds since 1970
    std::int64_t ends = 0;

    /// Its time has begun, and is not over.
    [[nodiscard]] bool is_good_at(std::int64_t now) const noexcept;
};

/// Whether anybody may believe it is not asked here. Nothing: it has no fingerprint.
[[nodiscard]] std::optional<ClientCertificate> describe_certificate(const X509& certificate);

} // namespace gatehouse::gateway
