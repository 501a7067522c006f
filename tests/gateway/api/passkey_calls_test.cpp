#include "auth/json/reader.hpp"
#include "auth/json/writer.hpp"
#include "tests/auth/service/passkey_house.hpp"
#include "tests/gateway/api/api_fixture.hpp"

#include <gmock/gmock.h>

namespace gatehouse::gateway::test {
namespace {

using auth::PasskeyHouse;
using auth::SoftwareAuthenticator;
using auth::jose::decode_base64url;
using auth::jose::encode_base64url;
using ::testing::HasSubstr;
using ::testing::Not;

auth::json::Value read(const LocalResponse& response)
{
    auto value = auth::json::read(response.body);
    EXPECT_TRUE(value) << response.body;
    return value ? *std::move(value) : auth::json::Value();
}

std::string challenge_in(const LocalResponse& response)
{
    const auto options = read(response);
    const auto* challenge = options.find_string("challenge");
    return challenge == nullptr ? "" : decode_base64url(*challenge).value_or("");
}

/// As `toJSON()` of browsers has it.
std::string credential_json(const std::string& id, const std::string& response,
                            const std::string& more = "")
{
    const auto id_text = auth::json::quote(encode_base64url(id));
    return R"({"id":)" + id_text + R"(,"rawId":)" + id_text +
           R"(,"type":"public-key","authenticatorAttachment":"platform",)" +
           R"("clientExtensionResults":{"credProps":{"rk":true}},"response":)" + response + more +
           "}";
}

std::string member(const char* name, const std::string& bytes)
{
    return auth::json::quote(name) + ":" + auth::json::quote(encode_base64url(bytes));
}

std::string to_json(const auth::MadeCredential& made, const std::string& more = "")
{
    return credential_json(made.id,
                           "{" + member("clientDataJSON", made.client_data) + "," +
                               member("attestationObject", made.attestation_object) +
                               R"(,"transports":["internal","carrier-pigeon"]})",
                           more);
}

std::string to_json(const auth::ShownCredential& shown, const std::string& more = "")
{
    return credential_json(shown.id,
                           "{" + member("clientDataJSON", shown.client_data) + "," +
                               member("authenticatorData", shown.authenticator_data) + "," +
                               member("signature", shown.signature) + R"(,"userHandle":null})",
                           more);
}

class PasskeyCallsTest : public ApiTest {
protected:
    explicit PasskeyCallsTest(config::Settings settings = auth::settings_with_passkeys())
        : ApiTest(std::move(settings))
    {
    }

    [[nodiscard]] LocalResponse add(const auth::Grant& grant, SoftwareAuthenticator& with,
                                    const std::string& more = "")
    {
        const auto options =
            ask(post("/auth/passkeys/register/options").bearing(grant.access_token));
        const auto made = PasskeyHouse::made(with, challenge_in(options));
        return ask(post("/auth/passkeys/register/verify", to_json(made, more))
                       .bearing(grant.access_token));
    }

    [[nodiscard]] Ask sign_in(SoftwareAuthenticator& with, const std::string& more = "")
    {
        ++with.count;
        const auto options = ask(post("/auth/passkeys/login/options"));
        const auto shown = PasskeyHouse::shown(with, challenge_in(options));
        return post("/auth/passkeys/login/verify", to_json(shown, more));
    }

    auth::Grant alice = house.joined("alice");
    SoftwareAuthenticator key;
    std::string path = "/auth/passkeys/" + encode_base64url(key.id);
};

TEST_F(PasskeyCallsTest, AskBrowsersInTheirOwnWords)
{
    const auto creation = ask(post("/auth/passkeys/register/options").bearing(alice.access_token));
    EXPECT_EQ(creation.status, 200U);
    EXPECT_EQ(field(creation, "Cache-Control"), "no-store");
    const auto made = read(creation);
    EXPECT_EQ(*made.find("rp")->find_string("id"), "example.com");
    EXPECT_EQ(*made.find("user")->find_string("id"), encode_base64url(alice.user.id));
    EXPECT_EQ(*made.find("user")->find_string("name"), "alice");
    EXPECT_EQ(made.find_integer("timeout"), 300'000);
    EXPECT_EQ(made.find("pubKeyCredParams")->array()->size(), 3U);
    EXPECT_EQ(*made.find_string("attestation"), "none");

    const auto request = read(ask(post("/auth/passkeys/login/options")));
    EXPECT_EQ(*request.find_string("rpId"), "example.com");
    EXPECT_EQ(*request.find_string("userVerification"), "preferred");
    EXPECT_TRUE(request.find("allowCredentials")->array()->empty());
    const auto named = read(ask(post("/auth/passkeys/login/options", R"({"username":"nobody"})")));
    EXPECT_FALSE(named.find("allowCredentials")->array()->empty());
}

TEST_F(PasskeyCallsTest, RegisterSignInAndTellOfIt)
{
    const auto added = add(alice, key, R"(,"name":"Phone")");
    EXPECT_EQ(outcome_of(added), "201");
    EXPECT_EQ(*read(added).find_string("id"), encode_base64url(key.id));
    EXPECT_THAT(added.body, HasSubstr(R"("name":"Phone")"));
    EXPECT_THAT(added.body, HasSubstr(R"("transports":["internal"],"backedUp":false)"));
    EXPECT_THAT(added.body, HasSubstr(R"("lastUsed":null)"));

    const auto entered = ask(sign_in(key));
    EXPECT_EQ(outcome_of(entered), "200");
    EXPECT_EQ(entered.user_id, alice.user.id);
    EXPECT_EQ(*read(entered).find("user")->find_string("username"), "alice");
    EXPECT_NE(read(entered).find_string("refreshToken"), nullptr);
    const auto by_cookie = ask(sign_in(key, R"(,"delivery":"cookie")"));
    EXPECT_EQ(read(by_cookie).find_string("refreshToken"), nullptr);
    EXPECT_THAT(field(by_cookie, "Set-Cookie"), HasSubstr("refresh_token="));

    const auto list = ask(get("/auth/passkeys").bearing(alice.access_token));
    EXPECT_EQ(read(list).array()->size(), 1U);
    EXPECT_THAT(list.body, Not(HasSubstr(R"("lastUsed":null)")));
    const auto copy = ask(get("/auth/me/export").bearing(alice.access_token));
    EXPECT_THAT(copy.body, HasSubstr(R"("passkeys":[{"id":)"));
}

TEST_F(PasskeyCallsTest, AreRenamedAndDeletedByTheirOwnerAlone)
{
    ASSERT_EQ(outcome_of(add(alice, key)), "201");
    const auto mallory = house.joined("mallory");
    const auto renamed = [&](const auth::Grant& grant, const std::string& body) {
        auto asked = post(path, body).bearing(grant.access_token);
        asked.method = "PATCH";
        return ask(asked);
    };
    const auto deleted = [&](const auth::Grant& grant, const std::string& at) {
        return outcome(Ask{"DELETE", at, "", {}}.bearing(grant.access_token));
    };
    EXPECT_THAT(renamed(alice, R"({"name":"Work"})").body, HasSubstr(R"("name":"Work")"));
    EXPECT_EQ(outcome_of(renamed(alice, R"({"name":""})")), "422 invalid_fields");
    EXPECT_EQ(outcome_of(renamed(alice, R"({})")), "422 invalid_fields");
    EXPECT_EQ(outcome_of(renamed(alice, R"({"name":7})")), "400 bad_request");
    EXPECT_EQ(outcome_of(renamed(mallory, R"({"name":"Mine"})")), "404 not_found");
    EXPECT_EQ(deleted(mallory, path), "404 not_found");
    EXPECT_EQ(deleted(alice, "/auth/passkeys/!!"), "404 not_found") << "no base64url";
    EXPECT_EQ(deleted(alice, path), "204");
    EXPECT_EQ(deleted(alice, path), "404 not_found");
    EXPECT_EQ(outcome(sign_in(key)), "401 invalid_credentials");
}

TEST_F(PasskeyCallsTest, RefuseWhatBrowsersDoNotSay)
{
    ASSERT_EQ(outcome_of(add(alice, key)), "201");
    const auto good = sign_in(key).body;
    const auto with = [&good](std::string_view from, const std::string& to) {
        auto changed = good;
        const auto at = changed.find(from);
        EXPECT_NE(at, changed.npos) << from;
        return changed.replace(at, from.size(), to);
    };

    const struct {
        const char* name;
        std::string body;
        const char* expected;
    } cases[] = {
        {"no JSON", "{", "400 malformed_json"},
        {"a list", "[]", "400 bad_request"},
        {"nothing", "{}", "400 bad_request"},
        {"another type", with("public-key", "password"), "400 bad_request"},
        {"two ids", with(R"("rawId":")", R"("rawId":"AAAA)"), "400 bad_request"},
        {"a bad signature in form", with(R"("signature":")", R"("signature":"=)"),
         "400 bad_request"},
        {"a handle that is a number", with(R"("userHandle":null)", R"("userHandle":7)"),
         "400 bad_request"},
        {"another delivery", with(R"({"id")", R"({"delivery":"pigeon","id")"), "400 bad_request"},
        {"a response that is text",
         R"({"id":"AAAA","rawId":"AAAA","type":"public-key","response":""})", "400 bad_request"},
        {"members of no use", with(R"({"id")", R"({"userId":"x","amr":["mfa"],"id")"), "200"},
        {"the same again", good, "401 invalid_credentials"},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(outcome(post("/auth/passkeys/login/verify", c.body)), c.expected);
    }
    EXPECT_EQ(
        outcome(
            post("/auth/passkeys/register/verify", R"({"id":"AAAA"})").bearing(alice.access_token)),
        "400 bad_request");
    EXPECT_EQ(outcome(post("/auth/passkeys/login/options", R"({"username":1})")),
              "400 bad_request");
}

TEST_F(PasskeyCallsTest, AskForABearerAndARecentLogin)
{
    for (const auto* call : {"/auth/passkeys/register/options", "/auth/passkeys/register/verify"}) {
        EXPECT_EQ(outcome(post(call)), "401 token_missing") << call;
    }
    EXPECT_EQ(outcome(get("/auth/passkeys")), "401 token_missing");
    EXPECT_EQ(outcome({"DELETE", path, "", {}}), "401 token_missing");
    EXPECT_EQ(outcome({"PATCH", path, "", {}}), "401 token_missing");
    const auto machine = house.api_key("alice");
    EXPECT_EQ(outcome(post("/auth/passkeys/register/options").bearing(machine.text)),
              "403 forbidden");

    house.clock.advance(16min);
    const auto late = ask(post("/auth/passkeys/register/options").bearing(alice.access_token));
    EXPECT_EQ(outcome_of(late), "401 insufficient_user_authentication");
    EXPECT_THAT(late.refusal->challenge, HasSubstr(R"(max_age="900")"));
}

class WithoutPasskeys : public PasskeyCallsTest {
protected:
    WithoutPasskeys() : PasskeyCallsTest(auth::quick_settings()) {}
};

TEST_F(WithoutPasskeys, SaysThatTheyAreNotConfigured)
{
    for (const auto* call : {"/auth/passkeys/register/options", "/auth/passkeys/login/options"}) {
        EXPECT_EQ(outcome(post(call).bearing(alice.access_token)), "501 not_configured") << call;
    }
    EXPECT_EQ(outcome(get("/auth/passkeys").bearing(alice.access_token)), "501 not_configured");
}

config::Settings like_the_example()
{
    auto settings = auth::settings_with_passkeys();
    auto& contract = settings.auth.contract;
    settings.auth.delivery = config::Delivery::cookie;
    contract.passkey_register_options.at = {"GET /generate-registration-options"};
    contract.passkey_register.at = {"POST /verify-registration"};
    contract.passkey_login_options.at = {"GET /generate-authentication-options"};
    contract.passkey_login.at = {"POST /verify-authentication"};
    const config::Shape verified{{{"verified", config::Fill::yes}}};
    contract.passkey_register.answer = contract.passkey_login.answer = verified;
    contract.passkey_register.success = 200;
    return settings;
}

class PasskeyContract : public PasskeyCallsTest {
protected:
    PasskeyContract() : PasskeyCallsTest(like_the_example()) {}
};

TEST_F(PasskeyContract, MayBeThatOfAnotherServer)
{
    const auto creation = ask(get("/generate-registration-options").bearing(alice.access_token));
    const auto made = PasskeyHouse::made(key, challenge_in(creation));
    const auto added = ask(post("/verify-registration", to_json(made)).bearing(alice.access_token));
    EXPECT_EQ(outcome_of(added), "200");
    EXPECT_EQ(added.body, R"({"verified":true})");

    const auto request = ask(get("/generate-authentication-options"));
    ++key.count;
    const auto shown = PasskeyHouse::shown(key, challenge_in(request));
    const auto entered = ask(post("/verify-authentication", to_json(shown)));
    EXPECT_EQ(entered.body, R"({"verified":true})");
    EXPECT_THAT(field(entered, "Set-Cookie"), HasSubstr("refresh_token="));
    EXPECT_EQ(outcome(post("/auth/passkeys/login/options")), "404 not_found");
}

} // namespace
} // namespace gatehouse::gateway::test
