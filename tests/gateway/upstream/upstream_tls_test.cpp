#include "gateway/upstream/target.hpp"
#include "gateway/upstream/upstream_table.hpp"
#include "tests/gateway/upstream/tls_fixture.hpp"

#include <functional>

namespace gatehouse::gateway::test {
namespace {

const TestCertificate& shown_certificate()
{
    static const auto one = good_authority().sign({.names = {"gateway.test"}});
    return one;
}

void show(config::UpstreamTlsSettings& settings, const TestCertificate& certificate)
{
    settings.certificate = "certificate.pem";
    settings.key = "key.pem";
    settings.certificate_pem = certificate.certificate;
    settings.key_pem = Secret(certificate.key);
}

/// Settings with an upstream of that name at one place.
config::Settings settings_with(const config::UpstreamTlsSettings& tls)
{
    config::Settings settings;
    settings.upstreams["web"].endpoints = {std::string("https://127.0.0.1:8443")};
    settings.upstreams["web"].tls = tls;
    return settings;
}

TEST(UpstreamTls, DiffersWhereverTrustDoes)
{
    struct Case {
        const char* name;
        std::function<void(config::UpstreamTlsSettings&)> change;
    };

    const auto other_pair = good_authority().sign({.names = {"other.test"}});
    const Case cases[] = {
        {"authority",   [](auto& tls) { tls.ca_pem = other_authority().certificate(); } },
        {"name",        [](auto& tls) { tls.server_name = "elsewhere.test"; }           },
        {"verified",    [](auto& tls) { tls.verify = false; }                           },
        {"version",     [](auto& tls) { tls.min_version = config::TlsMinVersion::v1_3; }},
        {"certificate", [](auto& tls) { show(tls, shown_certificate()); }               },
        {"no longer",   [&](auto& tls) { show(tls, other_pair); }                       },
    };
    const auth::SystemClock clock;
    EndpointBoard board(clock);
    Counters counters;
    TallyBook<EndpointCounters> book;
    UpstreamTable table(board, book, counters, 0);
    const auto pool_for = [&](const config::UpstreamTlsSettings& tls) {
        UpstreamTlsBook terms;
        const auto target = resolve_target(settings_with(tls), "web", terms);
        return table.groups_for({target}).front().choose({});
    };
    const auto usual = trusting(good_authority());
    const auto* const pool = pool_for(usual);
    EXPECT_EQ(pool_for(usual), pool); // a reload that changes nothing here
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        auto tls = usual;
        c.change(tls);
        EXPECT_NE(pool_for(tls), pool);
    }
    config::Settings plain = settings_with(usual);
    plain.upstreams["web"].endpoints = {std::string("http://127.0.0.1:8443")};
    UpstreamTlsBook terms;
    const auto target = resolve_target(plain, "web", terms);
    EXPECT_NE(table.groups_for({target}).front().choose({}), pool);
    EXPECT_EQ(table.facts().size(), 1U); // all of them are the same place
}

TEST(UpstreamTls, IsMadeOnceForAllThatHaveTheSameTerms)
{
    UpstreamTlsBook book;
    const auto one = make_upstream_tls(trusting(good_authority()), nullptr, book);
    const auto two = make_upstream_tls(trusting(good_authority()), nullptr, book);
    ASSERT_TRUE(one && two);
    EXPECT_EQ(*one, *two);
}

TEST(UpstreamTls, TrustsNobodyWhereItsFileIsEmpty)
{
    struct Case {
        const char* name;
        config::UpstreamTlsSettings settings;
        const char* system;
        const char* reason; // empty: it works
    };

    config::UpstreamTlsSettings empty;
    empty.ca = "ca.pem";
    config::UpstreamTlsSettings unverified;
    unverified.verify = false;
    auto half = trusting(good_authority());
    half.certificate = half.key = "file.pem";
    auto mixed = trusting(good_authority());
    show(mixed, shown_certificate());
    mixed.key_pem = Secret(good_authority().sign({.names = {"a.test"}}).key);
    const Case cases[] = {
        {"an empty file",       empty,                      nullptr, "the file of authorities is empty"},
        {"an empty system",     {},                         "",      "the file of authorities is empty"},
        {"nobody is verified",  unverified,                 nullptr, ""                                },
        {"an authority",        trusting(good_authority()), "",      ""                                },
        {"no certificate",      half,                       nullptr, "there is no certificate in it"   },
        {"somebody else's key", mixed,                      nullptr, "does not belong"                 },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        UpstreamTlsBook book;
        const std::string system = c.system == nullptr ? "" : c.system;
        const auto made =
            make_upstream_tls(c.settings, c.system == nullptr ? nullptr : &system, book);
        ASSERT_EQ(made.has_value(), *c.reason == '\0');
        if (!made) EXPECT_NE(made.error().find(c.reason), std::string::npos) << made.error();
    }
}

TEST(Target, KnowsWhomToAskForOverTls)
{
    struct Case {
        const char* url;
        const char* server_name; // in the settings
        const char* authority;
        const char* host;
        const char* expected;
    };

    const Case cases[] = {
        {"https://web",             "",         "web:443",         "web",             "web"         },
        {"https://web:8443",        "",         "web:8443",        "web:8443",        "web"         },
        {"https://web.internal.:1", "",         "web.internal.:1", "web.internal.:1", "web.internal"},
        {"https://10.0.0.7",        "",         "10.0.0.7:443",    "10.0.0.7",        "10.0.0.7"    },
        {"https://[::1]:90",        "",         "[::1]:90",        "[::1]:90",        "::1"         },
        {"https://10.0.0.7:1",      "api.test", "10.0.0.7:1",      "10.0.0.7:1",      "api.test"    },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.url);
        auto tls = trusting(good_authority());
        tls.server_name = c.server_name;
        auto settings = settings_with(tls);
        settings.upstreams["web"].endpoints = {std::string(c.url)};
        UpstreamTlsBook book;
        const auto target = resolve_target(settings, "web", book);
        ASSERT_EQ(target.endpoints.size(), 1U);
        const auto& endpoint = target.endpoints.front();
        EXPECT_TRUE(endpoint.secure && endpoint.tls);
        EXPECT_EQ(endpoint.authority, c.authority);
        EXPECT_EQ(endpoint.host, c.host);
        EXPECT_EQ(endpoint.server_name, c.expected);
    }
}

} // namespace
} // namespace gatehouse::gateway::test
