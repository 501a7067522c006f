#include "auth/json/reader.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>
#include <sodium.h>

namespace gatehouse::gateway::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string base64(const std::string& text)
{
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
    std::string out(sodium_base64_encoded_len(text.size(), variant), '\0');
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                      text.size(), variant);
    out.pop_back();
    return out;
}

Ask form(std::string path, std::string body)
{
    return Ask{"POST", std::move(path), std::move(body), {}}.with(
        "Content-Type", "application/x-www-form-urlencoded");
}

std::string token_in(const Secret& token)
{
    return "token=" + std::string(token.reveal());
}

class MachineCalls : public ApiTest {
protected:
    MachineCalls()
    {
        alice = house.joined("alice");
        house.joined("service");
        asking = house.api_key("service", {"introspect"});
        static_cast<void>(house.log.take());
    }

    [[nodiscard]] std::string text(const auth::IssuedApiKey& key) const
    {
        return std::string(key.text.reveal());
    }

    [[nodiscard]] Ask about(const Secret& token) const
    {
        return form("/auth/introspect", token_in(token)).bearing(asking.text);
    }

    [[nodiscard]] Ask basic(const std::string& id, const std::string& secret) const
    {
        return form("/auth/introspect", token_in(alice.access_token))
            .with("Authorization", "Basic " + base64(id + ":" + secret));
    }

    /// What introspection says: the whole body.
    [[nodiscard]] std::string told(const Secret& token)
    {
        const auto response = ask(about(token));
        EXPECT_EQ(outcome_of(response), "200");
        EXPECT_EQ(field(response, "Cache-Control"), "no-store");
        EXPECT_EQ(field(response, "Content-Type"), "application/json");
        return response.body;
    }

    [[nodiscard]] auth::json::Value parsed(const Secret& token)
    {
        auto value = auth::json::read(told(token));
        return value ? *std::move(value) : auth::json::Value();
    }

    [[nodiscard]] std::string revoke(const Secret& token)
    {
        return outcome(form("/auth/revoke", token_in(token)));
    }

    auth::Grant alice;
    auth::IssuedApiKey asking;
    const std::string nothing = R"({"active":false})";
};

// RFC 7662, 2.2
TEST_F(MachineCalls, AnActiveAccessTokenIsToldWithWhatItSays)
{
    ASSERT_TRUE(house.admin.set_roles("alice", {"admin"}));
    const auto again = house.logged_in("alice");
    const auto now = house.clock.seconds().time_since_epoch().count();
    const auto value = parsed(again.access_token);
    EXPECT_EQ(told(again.access_token).find(R"({"active":true,)"), 0U);
    EXPECT_EQ(*value.find_string("token_type"), "Bearer");
    EXPECT_EQ(*value.find_string("sub"), again.user.id);
    EXPECT_EQ(*value.find_string("sid"), again.session_id);
    EXPECT_EQ(*value.find_string("iss"), house.settings.tokens.issuer);
    EXPECT_EQ(value.find_integer("iat"), now);
    EXPECT_EQ(value.find_integer("exp"), now + 3600);
    EXPECT_EQ(*value.find("roles")->array()->at(0).string(), "admin");
    EXPECT_EQ(value.find("scope"), nullptr);
}

TEST_F(MachineCalls, AnActiveRefreshTokenIsToldApartFromAnAccessToken)
{
    const auto value = parsed(alice.refresh_token);
    EXPECT_EQ(*value.find_string("token_type"), "refresh_token");
    EXPECT_EQ(*value.find_string("sub"), alice.user.id);
    EXPECT_EQ(*value.find_string("sid"), alice.session_id);
    EXPECT_EQ(value.find("scope"), nullptr);
    EXPECT_EQ(value.find("roles"), nullptr);
}

TEST_F(MachineCalls, AnActiveApiKeyIsToldWithItsScopes)
{
    const auto key = house.api_key("alice", {"orders.read", "orders.write"});
    const auto value = parsed(key.text);
    EXPECT_EQ(*value.find_string("token_type"), "Bearer");
    EXPECT_EQ(*value.find_string("sub"), alice.user.id);
    EXPECT_EQ(*value.find_string("client_id"), key.key.id);
    EXPECT_EQ(*value.find_string("scope"), "orders.read orders.write");
    EXPECT_EQ(value.find("sid"), nullptr);
    EXPECT_EQ(value.find("exp"), nullptr);
}

TEST_F(MachineCalls, WhatIsOverOrNoneIsInactiveAndNothingElse)
{
    const auto bob = house.joined("bob");
    const auto key = house.api_key("bob");
    const auto rotated = house.refresh(alice.refresh_token);
    ASSERT_TRUE(rotated);
    EXPECT_EQ(told(alice.refresh_token), nothing) << "an old generation";
    EXPECT_NE(told(rotated->refresh_token), nothing);
    ASSERT_TRUE(house.service.logout(house.principal(alice), auth::somebody));
    EXPECT_EQ(told(alice.access_token), nothing);
    EXPECT_EQ(told(rotated->refresh_token), nothing);
    ASSERT_TRUE(house.admin.revoke_api_key(key.key.id));
    house.api_keys.revoke(key.key.id, house.clock.seconds() + 1h);
    EXPECT_EQ(told(key.text), nothing);
    for (const auto* none : {"x", "gh_", "eyJ.eyJ.sig", "a.b.c"}) {
        EXPECT_EQ(told(Secret(none)), nothing) << none;
    }
    house.clock.advance(2h);
    EXPECT_EQ(told(bob.access_token), nothing) << "expired";
    EXPECT_NE(told(bob.refresh_token), nothing);
    house.clock.advance(24h * 366);
    EXPECT_EQ(told(bob.refresh_token), nothing) << "expired";
}

TEST_F(MachineCalls, ABlockedUsersRefreshTokenIsInactive)
{
    house.revocations.block(alice.user.id); // also before the end of the session is heard
    EXPECT_EQ(told(alice.refresh_token), nothing);
    EXPECT_EQ(told(alice.access_token), nothing);
}

TEST_F(MachineCalls, OnlyARefreshTokenNeedsTheStoreAndItsOutageIsNoVerdict)
{
    house.store.down = true;
    EXPECT_NE(told(alice.access_token), nothing);
    EXPECT_NE(told(asking.text), nothing);
    EXPECT_EQ(told(Secret("gh_guess")), nothing);
    EXPECT_EQ(outcome(about(alice.refresh_token)), "503 store_unavailable");
}

// RFC 7662, 2.1: to prevent token scanning
TEST_F(MachineCalls, NobodyAsksWithoutACredentialThatMay)
{
    const auto body = token_in(alice.access_token);
    const auto plain = form("/auth/introspect", body);
    const auto other = house.api_key("alice", {"introspection", "orders.introspect"});
    EXPECT_EQ(outcome(plain), "401 token_missing");
    EXPECT_EQ(outcome(plain.bearing(Secret("gh_guess"))), "401 token_invalid");
    EXPECT_EQ(outcome(plain.bearing(alice.access_token)), "403 forbidden");
    EXPECT_EQ(outcome(plain.bearing(other.text)), "403 forbidden");
    EXPECT_EQ(outcome(plain.bearing(asking.text).bearing(asking.text)), "401 token_invalid");
    EXPECT_EQ(outcome(plain.with("Authorization", "Digest x")), "401 token_invalid");
    EXPECT_EQ(outcome(form("/auth/introspect", body + "&client_id=" + asking.key.id)),
              "401 token_missing");
    ASSERT_TRUE(house.admin.revoke_api_key(asking.key.id));
    house.api_keys.revoke(asking.key.id, house.clock.seconds() + 1h);
    EXPECT_EQ(outcome(plain.bearing(asking.text)), "401 token_revoked");
}

// RFC 6749, 2.3.1
TEST_F(MachineCalls, TheKeyMayComeByBasicOrInTheForm)
{
    EXPECT_EQ(outcome(basic(asking.key.id, text(asking))), "200");
    std::string escaped;
    for (const char c : text(asking)) {
        escaped += c == '_' ? "%5F" : c == '-' ? "%2D" : std::string(1, c);
    }
    EXPECT_EQ(outcome(basic(asking.key.id, escaped)), "200");
    const auto in_form = token_in(alice.access_token) + "&client_id=" + asking.key.id +
                         "&client_secret=" + text(asking);
    EXPECT_EQ(outcome(form("/auth/introspect", in_form)), "200");
    EXPECT_EQ(outcome(form("/auth/introspect", in_form).bearing(asking.text)), "400 bad_request");
    EXPECT_EQ(outcome(form("/auth/introspect",
                           token_in(alice.access_token) + "&client_secret=" + text(asking))),
              "401 token_invalid");
}

TEST_F(MachineCalls, ABadBasicIsToldWithItsChallenge)
{
    const auto other = house.api_key("alice", {"introspect"});
    for (const auto& [id, secret] : {
             std::pair<std::string, std::string>{other.key.id,  text(asking)                            },
             {asking.key.id, ""                                      },
             {asking.key.id, "gh_guess"                              },
             {asking.key.id, "%zz"                                   },
             {alice.user.id, std::string(alice.access_token.reveal())}
    }) {
        SCOPED_TRACE(id + ":" + secret);
        EXPECT_EQ(outcome(basic(id, secret)), "401 token_invalid");
    }
    EXPECT_EQ(field(ask(basic(asking.key.id, "gh_guess")), "WWW-Authenticate"),
              R"(Basic realm="gatehouse")");
    for (const auto* bad : {"Basic", "Basic ", "Basic !!!!", "Basic eA", "Basic eA=="}) {
        const auto asked =
            form("/auth/introspect", token_in(alice.access_token)).with("Authorization", bad);
        EXPECT_EQ(outcome(asked), "401 token_invalid") << bad;
        EXPECT_EQ(field(ask(asked), "WWW-Authenticate"), R"(Basic realm="gatehouse")") << bad;
    }
}

TEST_F(MachineCalls, ABasicWithoutAnIdIsNone)
{
    EXPECT_EQ(outcome(basic("", text(asking))), "401 token_invalid");
    EXPECT_EQ(outcome(form("/auth/introspect", token_in(alice.access_token) +
                                                   "&client_id=&client_secret=" + text(asking))),
              "401 token_invalid");
}

TEST_F(MachineCalls, FormsAreReadStrictly)
{
    for (const auto* path : {"/auth/introspect", "/auth/revoke"}) {
        SCOPED_TRACE(path);
        for (const auto* body : {"", "token=", "tok=x", "token=x&token=x", "token=%zz", "token"}) {
            EXPECT_EQ(outcome(form(path, body).bearing(asking.text)), "400 bad_request") << body;
        }
        const auto json = ask(post(path, R"({"token":"x"})").bearing(asking.text));
        EXPECT_EQ(outcome_of(json), "415 unsupported_media_type");
        EXPECT_EQ(json.refusal->message, "The body must be application/x-www-form-urlencoded");
        EXPECT_EQ(outcome({"GET", path, "", {}}), "405 method_not_allowed");
    }
}

TEST_F(MachineCalls, RevokingTheSessionOfACookieClearsThatCookieAndNoOther)
{
    const auto cookie = "refresh_token=" + std::string(alice.refresh_token.reveal());
    const auto with_cookie = [&](const Secret& token) {
        return field(ask(form("/auth/revoke", token_in(token)).with("Cookie", cookie)),
                     "Set-Cookie");
    };
    EXPECT_EQ(with_cookie(house.logged_in("alice").access_token), "") << "another session";
    EXPECT_EQ(with_cookie(house.api_key("alice", {}).text), "") << "no session at all";
    const std::string cleared =
        "refresh_token=; HttpOnly; Secure; SameSite=Strict; Path=/auth; Max-Age=0";
    EXPECT_EQ(with_cookie(alice.access_token), cleared);
    EXPECT_EQ(with_cookie(alice.refresh_token), cleared) << "over already";
}

// RFC 7009, 2.1 and 2.2
TEST_F(MachineCalls, RevokingAnyTokenOfASessionEndsIt)
{
    for (const bool by_refresh : {true, false}) {
        SCOPED_TRACE(by_refresh);
        const auto grant = house.logged_in("alice");
        static_cast<void>(house.log.take());
        EXPECT_EQ(revoke(by_refresh ? grant.refresh_token : grant.access_token), "200");
        EXPECT_EQ(house.identify(grant.access_token).error(), auth::TokenError::revoked);
        EXPECT_THAT(house.log.take(), ElementsAre("logout ok"));
        EXPECT_EQ(auth::outcome(house.refresh(grant.refresh_token)), "refresh_token_revoked");
        EXPECT_EQ(revoke(grant.refresh_token), "200") << "again";
    }
}

TEST_F(MachineCalls, WhoeverHasAnApiKeyMayEndIt)
{
    const auto key = house.api_key("alice", {"orders.read"});
    static_cast<void>(house.log.take());
    EXPECT_EQ(revoke(key.text), "200");
    EXPECT_EQ(house.identify(key.text).error(), auth::TokenError::revoked);
    EXPECT_TRUE((*house.store.find_api_key(key.key.id))->revoked_at);
    EXPECT_THAT(house.log.take(), ElementsAre("apikey_revoke ok"));
    EXPECT_EQ(revoke(key.text), "200");
    EXPECT_THAT(house.log.take(), IsEmpty());
    EXPECT_TRUE(house.identify(asking.text)) << "another key";
}

TEST_F(MachineCalls, RevokingWhatIsNoneChangesNothingAndNeedsNoStore)
{
    house.store.down = true;
    auto typo = text(asking);
    typo[40] = typo[40] == 'A' ? 'B' : 'A';
    for (const auto& none : {std::string("x"), typo, std::string("gh_"), std::string("a.b.c")}) {
        EXPECT_EQ(revoke(Secret(none)), "200");
    }
    EXPECT_TRUE(house.identify(asking.text));
    EXPECT_EQ(revoke(alice.refresh_token), "503 store_unavailable");
    EXPECT_EQ(revoke(asking.text), "503 store_unavailable");
    EXPECT_TRUE(house.identify(asking.text));
}

TEST_F(MachineCalls, ABadCredentialBesideTheTokenIsTold)
{
    const auto asked = form("/auth/revoke", token_in(alice.refresh_token));
    EXPECT_EQ(outcome(asked.bearing(Secret("gh_guess"))), "401 token_invalid");
    EXPECT_TRUE(house.identify(alice.access_token));
    EXPECT_EQ(outcome(asked.bearing(asking.text)), "200");
    EXPECT_FALSE(house.identify(alice.access_token));
}

TEST_F(MachineCalls, AUserSeesAndEndsOwnKeysAndNoOthers)
{
    const auto key = house.api_key("alice", {"orders.read"});
    const auto gone = house.api_key("alice");
    ASSERT_TRUE(house.admin.revoke_api_key(gone.key.id));
    const auto list = ask(get("/auth/api-keys").bearing(alice.access_token));
    EXPECT_EQ(list.body, R"([{"id":")" + key.key.id +
                             R"(","name":"","scopes":["orders.read"],"created":)"
                             R"("2027-01-15T08:00:00Z","expires":null,"lastUsed":null}])");
    const auto end = [&](const std::string& id) {
        return outcome(Ask{"DELETE", "/auth/api-keys/" + id, "", {}}.bearing(alice.access_token));
    };
    for (const auto& id : {asking.key.id, gone.key.id, std::string(22, 'A'), std::string("x")}) {
        EXPECT_EQ(end(id), "404 not_found");
    }
    EXPECT_TRUE(house.identify(asking.text));
    static_cast<void>(house.log.take());
    EXPECT_EQ(end(key.key.id), "204");
    EXPECT_EQ(house.identify(key.text).error(), auth::TokenError::revoked);
    EXPECT_THAT(house.log.take(), ElementsAre("apikey_revoke ok"));
    EXPECT_EQ(ask(get("/auth/api-keys").bearing(alice.access_token)).body, "[]");
    EXPECT_EQ(outcome(get("/auth/api-keys/" + key.key.id)), "405 method_not_allowed");
    EXPECT_EQ(outcome(get("/auth/api-keys")), "401 token_missing");
}

TEST_F(MachineCalls, ACopyOfTheAccountNamesItsKeys)
{
    const auto key = house.api_key("alice", {"orders.read"});
    const auto copy = ask(get("/auth/me/export").bearing(alice.access_token)).body;
    EXPECT_THAT(copy, ::testing::HasSubstr(R"("apiKeys":[{"id":")" + key.key.id));
    EXPECT_THAT(copy, ::testing::Not(::testing::HasSubstr(text(key).substr(26, 43))));
}

TEST_F(MachineCalls, AnApiKeyChangesNoAccountAndNoSession)
{
    const auto key = house.api_key("alice");
    const Ask calls[] = {
        post("/auth/logout"),
        post("/auth/logout-all"),
        post("/auth/logout-others"),
        get("/auth/sessions"),
        get("/auth/api-keys"),
        {"DELETE", "/auth/api-keys/" + key.key.id,       "", {}},
        get("/auth/me/export"),
        {"DELETE", "/auth/me",                           "", {}},
        {"PATCH",  "/auth/me",                           "", {}},
        {"DELETE", "/auth/sessions/" + alice.session_id, "", {}},
        post("/auth/password/change",
             R"({"currentPassword":"correct horse","newPassword":"another horse"})"),
    };
    for (const auto& call : calls) {
        SCOPED_TRACE(call.path);
        EXPECT_EQ(outcome(call.bearing(key.text)), "403 forbidden");
    }
    EXPECT_TRUE(house.identify(alice.access_token));
    EXPECT_EQ(outcome(get("/auth/me").bearing(key.text)), "200");
    EXPECT_EQ(outcome(get("/auth/verify").bearing(key.text)), "200");
}

} // namespace
} // namespace gatehouse::gateway::test
