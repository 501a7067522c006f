#include "gateway/pipeline/certificate_rule.hpp"
#include "tests/gateway/pipeline/decision_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

ClientCertificate shown()
{
    ClientCertificate certificate;
    certificate.subject = "CN=orders,O=Example";
    certificate.issuer = "CN=Example";
    certificate.fingerprint = "ab" + std::string(60, '0') + "cd";
    certificate.serial = "0A1B";
    certificate.dns = {"orders.test", "*.orders.test"};
    certificate.uri = {"spiffe://example/orders"};
    certificate.email = {"orders@example.test"};
    return certificate;
}

using Rule = config::CertificateRule;
using Texts = std::vector<std::string>;

TEST(CertificateRule, AsksForOneOfWhatItNames)
{
    const auto colons = "AB:" + std::string(60, '0') + ":CD";

    const struct {
        const char* name;
        Texts Rule::* key;
        Texts wanted;
        bool passes;
    } rows[] = {
        {"its subject",          &Rule::subject,     {"CN=x", "CN=orders,O=Example"}, true },
        {"a part of it",         &Rule::subject,     {"CN=orders"},                   false},
        {"in capitals",          &Rule::subject,     {"CN=ORDERS,O=Example"},         false},
        {"its issuer",           &Rule::issuer,      {"CN=Example"},                  true },
        {"another's issuer",     &Rule::issuer,      {"CN=orders,O=Example"},         false},
        {"its fingerprint",      &Rule::fingerprint, {colons},                        true },
        {"the beginning of it",  &Rule::fingerprint, {colons.substr(0, 30)},          false},
        {"its serial",           &Rule::serial,      {"0a1b"},                        true },
        {"more than its serial", &Rule::serial,      {"0A1B00"},                      false},
        {"one of its names",     &Rule::dns,         {"ORDERS.test"},                 true },
        {"below its wildcard",   &Rule::dns,         {"a.orders.test"},               false},
        {"its URI",              &Rule::uri,         {"spiffe://example/orders"},     true },
        {"a URI in capitals",    &Rule::uri,         {"spiffe://example/Orders"},     false},
        {"its mail address",     &Rule::email,       {"orders@example.test"},         true },
        {"another mail address", &Rule::email,       {"root@example.test"},           false},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        config::RouteSettings route;
        route.certificate.emplace().*row.key = row.wanted;
        const auto certificate = shown();
        EXPECT_EQ(!refusal_for(route, &certificate), row.passes);
        EXPECT_TRUE(refusal_for(route, nullptr));
    }
}

TEST(CertificateRule, AsksForAllThatItNames)
{
    config::RouteSettings route;
    const auto certificate = shown();
    auto& rule = route.certificate.emplace();
    EXPECT_FALSE(refusal_for(route, &certificate)) << "any";
    rule.subject = {"CN=orders,O=Example"};
    rule.dns = {"orders.test"};
    EXPECT_FALSE(refusal_for(route, &certificate));
    rule.dns = {"root.test"};
    EXPECT_EQ(refusal_for(route, &certificate)->reason, "not the certificate's dns");
}

TEST(CertificateRule, TakesWhatACertificateDoesNotSayForNothing)
{
    config::RouteSettings route;
    route.certificate.emplace().subject = {"CN=a"};
    const ClientCertificate silent;
    EXPECT_TRUE(refusal_for(route, &silent));
    EXPECT_FALSE(refusal_for(config::RouteSettings{}, nullptr));
}

class DecisionCertificate : public DecisionFixture {
protected:
    std::string answer(std::string_view target, const ClientCertificate* certificate,
                       std::vector<Field> fields = {})
    {
        auto all = all_routes();
        for (auto& one : all) one.certificate.emplace().dns = {"orders.test"};
        const Router asking(all);
        const auto head = request("GET", target, std::move(fields));
        DecisionRooms rooms{asking, authenticator, stale, auth_settings, lease};
        rooms.certificate = certificate;
        DecisionScratch scratch;
        const auto decided = decide(rooms, head, noon, scratch);
        return decided ? "ok" : std::string(to_string(decided.error().code));
    }

    const ClientCertificate good = shown();
};

TEST_F(DecisionCertificate, IsAskedForWhateverIsAskedOfATokenAndBehindIt)
{
    const auto bearer_text = token("u1");
    const std::vector<Field> bearer = {
        {"Authorization", bearer_text}
    };

    const struct {
        const char* name;
        std::string target;
        bool has_token;
        const ClientCertificate* certificate;
        std::string expected;
    } rows[] = {
        {"nothing where no token is asked for", "/none/x",     false, nullptr, "forbidden"    },
        {"a certificate there",                 "/none/x",     false, &good,   "ok"           },
        {"nothing where one may be",            "/optional/x", false, nullptr, "forbidden"    },
        {"a certificate there",                 "/optional/x", false, &good,   "ok"           },
        {"a token alone",                       "/required/x", true,  nullptr, "forbidden"    },
        {"a certificate alone",                 "/required/x", false, &good,   "token_missing"},
        {"both",                                "/required/x", true,  &good,   "ok"           },
        // A stranger learns nothing of which paths exist.  R25
        {"nothing",                             "/required/x", false, nullptr, "token_missing"},
        {"nothing on a path that is not there", "/nowhere",    false, nullptr, "token_missing"},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(
            answer(row.target, row.certificate, row.has_token ? bearer : std::vector<Field>{}),
            row.expected);
    }
}

TEST_F(DecisionCertificate, IsOnlyReportedWhereARouteOnlyReports)
{
    config::RouteSettings route;
    route.match = "/**";
    route.auth = config::AuthMode::none;
    route.to = "http://a:1";
    route.report_only = true;
    route.certificate.emplace().dns = {"orders.test"};
    const std::vector routes{route};
    const Router asking(routes);
    const auto head = request("GET", "/a", {});
    DecisionRooms rooms{asking, authenticator, stale, auth_settings, lease};
    DecisionScratch scratch;
    EXPECT_TRUE(decide(rooms, head, noon, scratch));
    ASSERT_TRUE(scratch.reported);
    EXPECT_EQ(scratch.reported->code, RefusalCode::forbidden);
    rooms.certificate = &good;
    EXPECT_TRUE(decide(rooms, head, noon, scratch));
    EXPECT_FALSE(scratch.reported);
}

} // namespace
} // namespace gatehouse::gateway::test
