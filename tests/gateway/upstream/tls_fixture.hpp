#pragma once

#include "gateway/net/tls/tls_context.hpp"
#include "gateway/upstream/tls_sessions.hpp"
#include "gateway/upstream/upstream_tls.hpp"
#include "tests/gateway/support/test_certificates.hpp"
#include "tests/gateway/support/tls_peer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {

inline const TestAuthority& good_authority()
{
    static const TestAuthority one("Good Authority");
    return one;
}

inline const TestAuthority& other_authority()
{
    static const TestAuthority one("Other Authority");
    return one;
}

/// A server's context with this certificate.
inline SslContextPtr serving(const TestCertificate& certificate)
{
    auto context = make_server_context(TlsVersion::v1_2);
    EXPECT_TRUE(KeyPair::read(certificate.certificate, certificate.key)->install(*context));
    return context;
}

inline SslContextPtr serving_localhost()
{
    return serving(good_authority().sign({
        .names = {"localhost", "127.0.0.1"}
    }));
}

inline config::UpstreamTlsSettings trusting(const TestAuthority& authority)
{
    config::UpstreamTlsSettings settings;
    settings.ca = "ca.pem";
    settings.ca_pem = authority.certificate();
    return settings;
}

/// What each has to say reaches the other, until both have said all.
inline void exchange(TlsPeer& one, TlsPeer& other)
{
    for (auto records = one.take_records(); !records.empty(); records = one.take_records()) {
        other.give_records(records);
        (void)other.shake_hands();
        one.give_records(other.take_records());
        (void)one.shake_hands();
    }
}

} // namespace gatehouse::gateway::test
