#pragma once

#include "config/settings/terms.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::config {

/// What a route asks of the certificate that a client has shown; each that is named has to be so.
/// YAML: `routes[].auth.certificate`.
struct CertificateRule {
    std::vector<std::string> subject;
    std::vector<std::string> issuer;
    std::vector<std::string> fingerprint;
    std::vector<std::string> serial;
    std::vector<std::string> dns;
    std::vector<std::string> uri;
    std::vector<std::string> email;

    friend bool operator==(const CertificateRule&, const CertificateRule&) = default;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CertificateRule;
        table.any_of("subject", &Self::subject, forms::distinguished_name,
                     "Its subject is one of these, as `openssl x509 -noout -subject -nameopt "
                     "RFC2253` shows it.");
        table.any_of("issuer", &Self::issuer, forms::distinguished_name,
                     "The same of who has issued it.");
        table.any_of("fingerprint", &Self::fingerprint, forms::fingerprint,
                     "Its SHA-256 is one of these.");
        table.any_of("serial", &Self::serial, forms::serial_number,
                     "Its serial number is one of these, in hexadecimal digits.");
        table.any_of("dns", &Self::dns, forms::certificate_name,
                     "It is for one of these DNS names.");
        table.any_of("uri", &Self::uri, forms::certificate_name,
                     "It is for one of these URIs, for example a SPIFFE ID.");
        table.any_of("email", &Self::email, forms::certificate_name,
                     "It is for one of these mail addresses.");
    }
};

/// In which headers backends learn of a client's certificate; empty: not at all. YAML:
/// `listen[].tls.client_certificates.headers`.
struct CertificateHeaders {
    std::string subject;
    std::string issuer;
    std::string fingerprint;
    std::string serial;
    std::string dns;
    std::string uri;
    std::string email;

    friend bool operator==(const CertificateHeaders&, const CertificateHeaders&) = default;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CertificateHeaders;
        table.key("subject", &Self::subject, forms::identity_header,
                  "The header with its subject (RFC 4514, all but ASCII as `\\C3\\A9`).");
        table.key("issuer", &Self::issuer, forms::identity_header,
                  "The header with the name of who has issued it, written in the same way.");
        table.key("fingerprint", &Self::fingerprint, forms::identity_header,
                  "The header with its SHA-256, in 64 small hexadecimal digits.");
        table.key("serial", &Self::serial, forms::identity_header,
                  "The header with its serial number, in capital hexadecimal digits.");
        table.key("dns", &Self::dns, forms::identity_header,
                  "The header with the DNS names it is for, in small letters, separated by "
                  "commas.");
        table.key("uri", &Self::uri, forms::identity_header, "The same of URIs.");
        table.key("email", &Self::email, forms::identity_header, "The same of mail addresses.");
    }
};

/// All of them by their keys, empty ones too.
[[nodiscard]] inline auto header_names(const CertificateHeaders& headers)
{
    using Named = std::pair<std::string_view, const std::string*>;
    return std::array{
        Named{"subject",     &headers.subject    },
        Named{"issuer",      &headers.issuer     },
        Named{"fingerprint", &headers.fingerprint},
        Named{"serial",      &headers.serial     },
        Named{"dns",         &headers.dns        },
        Named{"uri",         &headers.uri        },
        Named{"email",       &headers.email      }
    };
}

} // namespace gatehouse::config
