#include "gateway/upstream/upstream_files.hpp"
#include "tests/gateway/upstream/tls_fixture.hpp"

#include <memory>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;
using config::Severity;

const auto now = std::chrono::system_clock::now();

config::Settings with(config::UpstreamTlsSettings tls)
{
    config::Settings settings;
    settings.upstreams["web"].endpoints = {std::string("https://web")};
    settings.upstreams["web"].tls = std::move(tls);
    settings.shown =
        std::make_shared<const std::vector<config::ShownSetting>>(std::vector<config::ShownSetting>{
            {"upstreams.web.tls.ca",          "ca.pem",          "dir:1/g.yaml:3:15"     },
            {"upstreams.web.tls.certificate", "certificate.pem", "dir:1/g.yaml:4:15 ${C}"},
            {"upstreams.web.tls.key",         "key.pem",         "--key"                 },
    });
    return settings;
}

config::UpstreamTlsSettings showing(const TestCertificate& certificate)
{
    auto tls = trusting(good_authority());
    tls.certificate = "certificate.pem";
    tls.key = "key.pem";
    tls.certificate_pem = certificate.certificate;
    tls.key_pem = Secret(certificate.key);
    return tls;
}

TEST(UpstreamFiles, AreJudgedWhereTheyStand)
{
    struct Case {
        const char* name;
        config::UpstreamTlsSettings tls;
        const char* expected; // empty: all is well
    };

    const auto good = good_authority().sign({.names = {"gateway.test"}});
    auto no_ca = trusting(good_authority());
    no_ca.ca_pem = "nothing";
    auto no_pem = showing(good);
    no_pem.certificate_pem = good.key;
    auto no_key = showing(good);
    no_key.key_pem = Secret(good.certificate);
    auto others_key = showing(good);
    others_key.key_pem = Secret(good_authority().sign({.names = {"a.test"}}).key);
    const auto weak =
        good_authority().sign({.names = {"gateway.test"}, .key = CertificateTerms::Key::rsa_1024});
    const auto expired =
        good_authority().sign({.names = {"gateway.test"}, .begins_in = -48h, .ends_in = -1h});
    const Case cases[] = {
        {"good",           showing(good),    ""                                                             },
        {"no authority",   no_ca,            "dir:1/g.yaml:3:15: upstreams.web.tls.ca: ca.pem: there is no" },
        {"no certificate", no_pem,           "dir:1/g.yaml:4:15: upstreams.web.tls.certificate: certificate"},
        {"no key",         no_key,           "upstreams.web.tls.key: key.pem: the key cannot be read"       },
        {"another's key",  others_key,       "upstreams.web.tls.key: key.pem: the key does not belong"      },
        {"weak",           showing(weak),    "upstreams.web.tls: "                                          },
        {"expired",        showing(expired),
         ": warning: upstreams.web.tls.certificate: certificate.pem: it has"                                },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto text = to_string(look_at_upstream_files(with(c.tls), now));
        if (*c.expected == '\0') {
            EXPECT_EQ(text, "");
        } else {
            EXPECT_NE(text.find(c.expected), std::string::npos) << text;
        }
        EXPECT_EQ(text.find("PRIVATE KEY"), std::string::npos);
    }
}

TEST(UpstreamFiles, LetNoCertificateThatHasExpiredTakeThePlaceOfAnother)
{
    const auto good = good_authority().sign({.names = {"gateway.test"}});
    const auto expired =
        good_authority().sign({.names = {"gateway.test"}, .begins_in = -48h, .ends_in = -1h});
    const auto problems = [&](const TestCertificate& next, const TestCertificate& running) {
        return problems_with_upstream_files(with(showing(next)), with(showing(running)), now);
    };
    EXPECT_TRUE(problems(good, good).empty());
    EXPECT_TRUE(problems(good, expired).empty());
    EXPECT_TRUE(problems(expired, expired).empty()); // a reload for another reason
    ASSERT_EQ(problems(expired, good).size(), 1U);
    EXPECT_EQ(problems(expired, good).front().severity, Severity::error);
}

TEST(UpstreamFiles, OfTheSystemAreJudgedToo)
{
    config::Settings settings;
    settings.system_authorities = std::make_shared<const std::string>("nothing");
    const auto found = look_at_upstream_files(settings, now);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found.front().message.find("the system's authorities"), std::string::npos);
}

} // namespace
} // namespace gatehouse::gateway::test
