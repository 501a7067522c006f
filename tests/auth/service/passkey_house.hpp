#pragma once

#include "auth/service/passkeys.hpp"
#include "tests/auth/passkeys/software_authenticator.hpp"
#include "tests/auth/service/auth_fixture.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gatehouse::auth {

using passkeys::MadeCredential;
using passkeys::ShownCredential;
using passkeys::test::Page;
using passkeys::test::SoftwareAuthenticator;

[[nodiscard]] inline config::Settings settings_with_passkeys()
{
    auto settings = quick_settings();
    settings.passkeys.rp_id = "example.com";
    settings.passkeys.rp_name = "Example";
    settings.passkeys.origins = {"https://login.example.com"};
    return settings;
}

/// A house with passkeys, and the browser and the authenticator of whoever uses them.
struct PasskeyHouse : House {
    explicit PasskeyHouse(const config::Settings& with = settings_with_passkeys()) : House(with) {}

    [[nodiscard]] AuthService::Passkeys calls() { return AuthService::Passkeys(service); }

    /// What a browser makes of a challenge.
    [[nodiscard]] static MadeCredential made(SoftwareAuthenticator& authenticator,
                                             const std::string& challenge)
    {
        authenticator.flags |= 0x40U;
        const Page page{.type = "webauthn.create", .challenge = challenge, .more = ""};
        return {authenticator.id, page.client_data(), authenticator.unattested(), {"internal"}};
    }

    [[nodiscard]] static ShownCredential shown(SoftwareAuthenticator& authenticator,
                                               const std::string& challenge,
                                               const std::string& type = "webauthn.get")
    {
        authenticator.flags &= ~0x40U;
        const Page page{.type = type, .challenge = challenge, .more = ""};
        const auto client_data = page.client_data();
        return {authenticator.id, client_data, authenticator.data(),
                authenticator.assertion(client_data), std::nullopt};
    }

    [[nodiscard]] std::string challenge_to_register(const Grant& grant)
    {
        const auto options = calls().begin_registration(principal(grant), somebody);
        EXPECT_EQ(outcome(options), "ok");
        return options ? options->challenge : "";
    }

    [[nodiscard]] std::string challenge_to_sign_in()
    {
        const auto options = calls().begin_login({}, somebody);
        EXPECT_EQ(outcome(options), "ok");
        return options ? options->challenge : "";
    }

    [[nodiscard]] Result<Passkey, AuthError> add(const Grant& grant,
                                                 SoftwareAuthenticator& authenticator,
                                                 const std::optional<std::string>& name = {})
    {
        return calls().finish_registration(
            principal(grant), made(authenticator, challenge_to_register(grant)), name, somebody);
    }

    [[nodiscard]] Result<Grant, AuthError> use(const ShownCredential& credential,
                                               const Caller& caller = somebody)
    {
        return calls().finish_login(credential, {}, caller);
    }

    /// Signs in as people do; the count grows as it should.
    [[nodiscard]] Result<Grant, AuthError> sign_in(SoftwareAuthenticator& authenticator)
    {
        ++authenticator.count;
        return use(shown(authenticator, challenge_to_sign_in()));
    }
};

} // namespace gatehouse::auth
