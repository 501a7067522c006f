#include "gateway/headers/treatment.hpp"
#include "gateway/net/tls/client_certificate.hpp"
#include "tests/gateway/api/api_fixture.hpp"

namespace gatehouse::gateway::test {
namespace {

config::Settings guarded_settings()
{
    auto settings = auth::quick_settings();
    const auto route = [&](const char* match, config::AuthMode mode) -> config::RouteSettings& {
        auto& added = settings.routes.emplace_back();
        added.match = match;
        added.auth = mode;
        added.to = "http://127.0.0.1:9";
        return added;
    };
    route("/public/**", config::AuthMode::none);
    route("/maybe/**", config::AuthMode::optional);
    route("/orders/**", config::AuthMode::required).methods = {"GET"};
    route("/admin/**", config::AuthMode::required).roles = {"admin"};
    route("/scoped/**", config::AuthMode::required).scopes = {"orders.read", "orders.write"};
    settings.identity.session_header = true;
    settings.identity.headers = {
        {"X-Sub", "sub", {}, 1024}
    };
    settings.identity.proof = config::SignedIdentity{.audience = "inside"};
    return settings;
}

class VerifyTest : public ApiTest {
protected:
    VerifyTest() : ApiTest(guarded_settings()) {}

    const auth::Grant grant = house.joined("alice");

    /// As Traefik asks.
    [[nodiscard]] static Ask forwarded(const std::string& method, const std::string& uri)
    {
        auto ask = get("/auth/verify")
                       .with("X-Forwarded-Method", method)
                       .with("X-Forwarded-Uri", uri)
                       .with("X-Forwarded-Host", "shop.example");
        ask.trusted_peer = true;
        return ask;
    }

    /// As nginx asks.
    [[nodiscard]] static Ask original(const std::string& method, const std::string& url)
    {
        auto ask =
            get("/auth/verify").with("X-Original-Method", method).with("X-Original-URL", url);
        ask.trusted_peer = true;
        return ask;
    }
};

TEST_F(VerifyTest, PassesOnWhichScopesAreNeeded) // RFC 6750, 3.1
{
    const auto answer = ask(forwarded("GET", "/scoped/x").bearing(grant.access_token));
    EXPECT_EQ(outcome_of(answer), "403 forbidden");
    EXPECT_EQ(answer.refusal->challenge,
              R"(error="insufficient_scope", scope="orders.read orders.write")");
}

TEST_F(VerifyTest, JudgesTheOriginalRequestOfATrustedPeer)
{
    struct Case {
        std::string method;
        std::string uri;
        std::string without;
        std::string with_token;
    };

    const Case cases[] = {
        {"GET",  "/public/x?y=1",        "200",               "200"          },
        {"POST", "/public/x",            "200",               "200"          },
        {"GET",  "/maybe/x",             "200",               "200"          },
        {"GET",  "/orders/1",            "401 token_missing", "200"          },
        {"HEAD", "/orders/1",            "401 token_missing", "200"          },
        {"POST", "/orders/1",            "401 token_missing", "403 forbidden"},
        {"GET",  "/admin/x",             "401 token_missing", "403 forbidden"},
        {"GET",  "/nowhere",             "401 token_missing", "403 forbidden"},
        {"GET",  "/public/../orders/1",  "401 token_missing", "403 forbidden"},
        {"GET",  "/public/%2e%2e/admin", "401 token_missing", "403 forbidden"},
        {"GET",  "/public/..%2fadmin/x", "403 forbidden",     "403 forbidden"},
        {"GET",  "/../x",                "403 forbidden",     "403 forbidden"},
        {"GET",  "",                     "403 forbidden",     "403 forbidden"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.method + ' ' + c.uri);
        EXPECT_EQ(outcome(forwarded(c.method, c.uri)), c.without);
        EXPECT_EQ(outcome(forwarded(c.method, c.uri).bearing(grant.access_token)), c.with_token);
        const auto url = "https://shop.example" + c.uri;
        if (c.uri.empty()) continue; // the URL of a host alone is its root
        EXPECT_EQ(outcome(original(c.method, url)), c.without);
        EXPECT_EQ(outcome(original(c.method, url).bearing(grant.access_token)), c.with_token);
    }
}

TEST_F(VerifyTest, TakesTheTokenOfAWebSocketFromItsProtocols)
{
    const auto protocols = "bearer, " + std::string(grant.access_token.reveal());
    const auto shown = forwarded("GET", "/orders/1").with("Sec-WebSocket-Protocol", protocols);
    EXPECT_EQ(outcome(shown), "401 token_missing");
    EXPECT_EQ(outcome(Ask(shown).with("Sec-WebSocket-Key", "x")), "200");
}

// R24: the client's own word opens nothing
TEST_F(VerifyTest, BelievesNobodyElse)
{
    for (auto asked : {forwarded("GET", "/public/x"), original("GET", "/public/x")}) {
        asked.trusted_peer = false;
        EXPECT_EQ(outcome(asked), "401 token_missing");
        EXPECT_EQ(outcome(asked.bearing(grant.access_token)), "200");
    }
}

// R24, CVE-2026-40575: one of two pairs of names is always the client's
TEST_F(VerifyTest, RefusesContradictions)
{
    const auto asked = forwarded("GET", "/orders/1");
    EXPECT_EQ(outcome(asked.with("X-Original-URL", "/public/x")), "403 forbidden");
    EXPECT_EQ(outcome(asked.with("X-Forwarded-Uri", "/public/x")), "403 forbidden");
    EXPECT_EQ(outcome(asked.with("X-Original-Method", "POST")), "403 forbidden");
    EXPECT_EQ(outcome(asked.with("X-Forwarded-Host", "other.example")), "403 forbidden");
}

TEST_F(VerifyTest, RefusesWhatDiffersWhereverItStands)
{
    const auto by_url = original("GET", "https://shop.example/public/x");
    EXPECT_EQ(outcome(by_url.with("X-Forwarded-Host", "shop.example")), "200");
    EXPECT_EQ(outcome(by_url.with("X-Forwarded-Host", "other.example")), "403 forbidden");
    EXPECT_EQ(outcome(by_url.with("X-Original-URI", "/orders/1")), "403 forbidden");
    auto by_path = get("/auth/verify").with("X-Original-URI", "/public/x");
    by_path.trusted_peer = true;
    EXPECT_EQ(outcome(by_path), "200");
    EXPECT_EQ(outcome(by_path.with("X-Forwarded-Uri", "/orders/1")), "403 forbidden");
}

// A client that asks nginx for `GET http://shop.example?x=/public/x` gets `/?x=/public/x`.
TEST_F(VerifyTest, TakesNoHostThatIsNone) // verify.host
{
    for (const auto* url : {"https://shop.example?x=/public/x", "https://shop.example#/public/x",
                            "https://user@shop.example/public/x", "https://a b/public/x"}) {
        SCOPED_TRACE(url);
        EXPECT_EQ(outcome(original("GET", url)), "403 forbidden");
    }
    EXPECT_EQ(outcome(original("GET", "https://[2001:db8::1]:8443/public/x")), "200");
    auto by_host = get("/auth/verify").with("X-Forwarded-Uri", "/public/x");
    by_host.trusted_peer = true;
    EXPECT_EQ(outcome(Ask(by_host).with("X-Forwarded-Host", "shop.example")), "200");
    EXPECT_EQ(outcome(Ask(by_host).with("X-Forwarded-Host", "x, shop.example")), "403 forbidden");
}

// R23: they go on as they came, and to Express `/orders/../public/x` is below `/orders`.
TEST_F(VerifyTest, AdmitsNoPathThatIsServedInAnotherSpelling) // verify.path
{
    for (const auto* path :
         {"/orders/../public/x", "/orders/%2e%2e/public/x", "/orders/.%2E/public/x",
          "/orders/./../public/x", "//public/x", "/public//x", "/./public/x", "/public/x/..",
          "/public/.", "/public/x/%2e?y=1"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(outcome(forwarded("GET", path)), "403 forbidden");
        EXPECT_EQ(outcome(original("GET", "https://shop.example" + std::string(path))),
                  "403 forbidden");
        auto envoy = get("/auth/verify" + std::string(path));
        envoy.trusted_peer = true;
        EXPECT_EQ(outcome(envoy), "403 forbidden");
    }
    for (const auto* path : {"/public/", "/public/x/", "/public/...", "/public/.x", "/public/%61",
                             "/public/x?a=//b/../c"}) {
        EXPECT_EQ(outcome(forwarded("GET", path)), "200") << path;
    }
}

// R7: haproxy and Caddy pass them on
TEST_F(VerifyTest, AdmitsNeitherTraceNorConnect) // verify.method
{
    // What is no method is neither of two that a proxy or a field in between put together.
    for (const auto* method : {"TRACE", "trace", "CONNECT", "connect", "DELETE, GET", "G T", ""})
        EXPECT_EQ(outcome(forwarded(method, "/public/x")), "403 forbidden") << method;
}

// As Envoy asks: the request itself, its path behind the call's.
TEST_F(VerifyTest, TakesTheRequestBehindItsOwnPath)
{
    struct Case {
        std::string method;
        std::string path;
        std::string without;
        std::string with_token;
    };

    const Case cases[] = {
        {"GET",  "/public/x",          "200",               "200"          },
        {"GET",  "/orders/1",          "401 token_missing", "200"          },
        {"POST", "/orders/1",          "401 token_missing", "403 forbidden"},
        {"GET",  "/admin/x",           "401 token_missing", "403 forbidden"},
        {"GET",  "/public/../admin/x", "401 token_missing", "403 forbidden"},
        {"GET",  "/../me",             "403 forbidden",     "403 forbidden"},
        {"GET",  "/../portal/x",       "403 forbidden",     "403 forbidden"},
        {"GET",  "/auth/me",           "401 token_missing", "403 forbidden"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.method + ' ' + c.path);
        Ask asked{c.method, "/auth/verify" + c.path, "", {}};
        asked.trusted_peer = true;
        EXPECT_EQ(outcome(asked), c.without);
        EXPECT_EQ(outcome(asked.bearing(grant.access_token)), c.with_token);
        asked.trusted_peer = false;
        EXPECT_EQ(outcome(asked.bearing(grant.access_token)), "404 not_found");
    }
    auto open = get("/auth/verify/public/x");
    open.trusted_peer = true;
    EXPECT_EQ(field(ask(open), "x-envoy-auth-headers-to-remove"),
              "X-User-Id,X-Session-Id,X-User-Roles,X-Identity,X-Sub");
    for (const auto& [name, value] : {
             std::pair{"X-Forwarded-Uri",    "/orders/1"    },
             std::pair{"X-Original-URL",     "/orders/1"    },
             std::pair{"X-Forwarded-Method", "POST"         },
             std::pair{"X-Forwarded-Host",   "other.example"}
    }) {
        EXPECT_EQ(outcome(open.with(name, value)), "403 forbidden") << name;
    }
}

// R21
TEST_F(VerifyTest, NamesTheUserOnlyWhereATokenProvedOne)
{
    const auto proven = ask(forwarded("GET", "/orders/1").bearing(grant.access_token));
    EXPECT_EQ(field(proven, "X-User-Id"), grant.user.id);
    EXPECT_EQ(field(proven, "X-Session-Id"), grant.session_id);
    EXPECT_EQ(field(proven, "Cache-Control"), "no-store");
    EXPECT_EQ(proven.user_id, grant.user.id);

    const auto optional = ask(forwarded("GET", "/maybe/x").with("X-User-Id", "root"));
    EXPECT_EQ(field(optional, "X-User-Id"), "");
    const auto open = ask(forwarded("GET", "/public/x").bearing(grant.access_token));
    EXPECT_EQ(field(open, "X-User-Id"), "") << "on auth: none the token is not looked at";
    EXPECT_EQ(outcome(forwarded("GET", "/maybe/x").with("Authorization", "Bearer x")),
              "401 token_invalid")
        << "optional is not: anything goes";
}

TEST_F(VerifyTest, GivesAProofToNobodyButATrustedPeer)
{
    const auto asked = get("/auth/verify").bearing(grant.access_token);
    EXPECT_EQ(field(ask(asked), "X-Sub"), grant.user.id);
    EXPECT_EQ(field(ask(asked), "X-Identity"), "");
    auto trusted = asked;
    trusted.trusted_peer = true;
    EXPECT_NE(field(ask(trusted), "X-Identity"), "");
    EXPECT_NE(field(ask(forwarded("GET", "/orders/1").bearing(grant.access_token)), "X-Identity"),
              "");
    EXPECT_EQ(field(ask(asked), "X-Identity"), "") << "left over from another request";
}

TEST_F(VerifyTest, TakesAnyMethodAndAnEndedSessionIsRevoked)
{
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
        EXPECT_EQ(outcome(Ask{method, "/auth/verify", "", {}}.bearing(grant.access_token)), "200")
            << method;
    }
    EXPECT_EQ(outcome(post("/auth/logout").bearing(grant.access_token)), "204");
    EXPECT_EQ(outcome(forwarded("GET", "/orders/1").bearing(grant.access_token)),
              "401 token_revoked");
}

TEST_F(VerifyTest, TakesTheCertificateOfWhoAsksForNoClients)
{
    house.settings.routes.front().certificate.emplace();
    const Router asking(house.settings.routes);
    const ClientCertificate proxys;
    DecisionRooms with{asking, house.authenticator, false, house.settings.auth, nullptr, false,
                       nullptr};
    with.certificate = &proxys;
    deciding_instead = &with;
    EXPECT_EQ(outcome_of(ask(forwarded("GET", "/public/x"))), "403 forbidden");
    EXPECT_EQ(outcome_of(ask(forwarded("GET", "/maybe/x"))), "200");
}

TEST_F(VerifyTest, LetsNoServiceGetWhatARouteSendsOn) // verify.redirect
{
    auto& routes = house.settings.routes;
    const auto redirect = [&](const char* match, config::AuthMode mode, const char* to) {
        auto& added = routes.emplace_back();
        added.match = match;
        added.auth = mode;
        added.redirect = config::RedirectSettings{to, config::RedirectStatus::permanent};
    };
    redirect("/old/**", config::AuthMode::none, "/new/{rest}?{query}");
    redirect("/mine/**", config::AuthMode::required, "https://new.example/{rest}");
    redirect("/dots/**", config::AuthMode::none, "/x/.{rest}");
    const HeaderPolicy policy(house.settings);
    const auto treatments = treatments_of(house.settings, policy);
    const Router sending(routes, treatments);
    DecisionRooms with{sending, house.authenticator, false, house.settings.auth, nullptr, false,
                       nullptr};
    deciding_instead = &with;

    struct Case {
        const char* target;
        bool known;
        const char* to_all;   // who pass the answer on
        const char* to_nginx; // who does not
        const char* location;
    };

    const Case cases[] = {
        {"/old/a%20b?x=1",     false, "308",               "403 forbidden",     "/new/a%20b?x=1"       },
        {"/old//evil.example", false, "308",               "403 forbidden",     "/new/evil.example"    },
        {"/mine/a",            false, "401 token_missing", "401 token_missing", ""                     },
        {"/mine/a",            true,  "308",               "403 forbidden",     "https://new.example/a"},
        {"/dots/",             false, "403 forbidden",     "403 forbidden",     ""                     },
        {"/public/a",          false, "200",               "200",               ""                     },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.target);
        const auto token = c.known ? grant.access_token : Secret();
        const auto asked = [&](Ask ask) { return c.known ? ask.bearing(token) : ask; };
        auto envoy = get("/auth/verify" + std::string(c.target));
        envoy.trusted_peer = true;
        for (const auto& way : {forwarded("GET", c.target), forwarded("POST", c.target), envoy}) {
            const auto answer = ask(asked(way));
            EXPECT_EQ(outcome_of(answer), c.to_all);
            EXPECT_EQ(field(answer, "Location"), c.location);
            EXPECT_EQ(field(answer, "X-User-Id"), "");
            if (!answer.refusal) EXPECT_EQ(field(answer, "Cache-Control"), "no-store");
        }
        const auto url = "https://shop.example" + std::string(c.target);
        const auto answer = ask(asked(original("GET", url)));
        EXPECT_EQ(outcome_of(answer), c.to_nginx);
        EXPECT_EQ(field(answer, "Location"), "");
    }
}

} // namespace
} // namespace gatehouse::gateway::test
