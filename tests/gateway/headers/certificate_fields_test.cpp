#include "gateway/headers/certificate_fields.hpp"
#include "tests/gateway/headers/upstream_head_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ShownCertificate shown(const config::CertificateHeaders& told_in,
                       std::vector<std::string> dns = {"a.test", "b.test"})
{
    ClientCertificate certificate;
    certificate.subject = "CN=a\\,b,O=C";
    certificate.fingerprint = "00ff";
    certificate.dns = std::move(dns);
    return {std::move(certificate), &told_in};
}

TEST_F(UpstreamHead, TellsOfACertificateWhatIsAskedFor)
{
    config::CertificateHeaders told_in;
    told_in.subject = "X-Cert";
    told_in.dns = "X-Cert-Dns";
    const auto certificate = shown(told_in);
    EXPECT_THAT(
        lines(written([&](HeadWriter& out) { write_certificate_fields(out, certificate); })),
        ElementsAre("X-Cert: CN=a\\,b,O=C", "X-Cert-Dns: a.test,b.test"));
}

TEST_F(UpstreamHead, TellsNothingOfWhatACertificateDoesNotSay)
{
    config::CertificateHeaders told_in;
    told_in.issuer = "X-Issuer";
    told_in.serial = "X-Serial";
    told_in.uri = "X-Uri";
    told_in.email = "X-Email";
    EXPECT_EQ(written([&](HeadWriter& out) { write_certificate_fields(out, shown(told_in)); }), "");
}

TEST_F(UpstreamHead, SendsNoListWithAnElementThatCouldBeTwo)
{
    config::CertificateHeaders told_in;
    told_in.dns = "X-Cert-Dns";
    for (const std::string two : {"a.test,root.test", "a.test root.test"}) {
        const auto certificate = shown(told_in, {"good.test", two});
        EXPECT_EQ(written([&](HeadWriter& out) { write_certificate_fields(out, certificate); }),
                  "");
    }
}

TEST_F(UpstreamHead, DropsTheNamesOfCertificatesOnEveryRouteAndListener) // R20
{
    auto& tls = settings.listen.emplace_back().tls.emplace();
    auto& told_in = tls.client_certificates.emplace().headers;
    told_in.subject = "X-Cert-Subject";
    told_in.dns = "X-Cert-Dns";
    for (const std::string_view name :
         {"X-Cert-Subject", "x_cert_subject", "X.CERT-Subject", "X-Cert-Dns", "x~cert~dns"}) {
        SCOPED_TRACE(name);
        route_settings.auth = config::AuthMode::none;
        EXPECT_THAT(passed({
                        {name, "CN=root"},
                        {name, "again"  }
        }),
                    IsEmpty());
        trusted = !trusted; // a proxy in front speaks for its clients, but not in this
    }
    EXPECT_THAT(passed({
                    {"X-Cert-Subjects", "1"}
    }),
                ElementsAre("X-Cert-Subjects: 1"));
}

} // namespace
} // namespace gatehouse::gateway::test
