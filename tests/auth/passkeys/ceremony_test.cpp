#include "auth/passkeys/ceremony.hpp"
#include "tests/auth/passkeys/software_authenticator.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth::passkeys {
namespace {

using namespace std::string_literals;
using test::Page;
using test::sha256;
using test::SoftwareAuthenticator;
namespace write = auth::test::cbor;

const std::vector<CoseAlgorithm> every_algorithm = {CoseAlgorithm::es256, CoseAlgorithm::eddsa,
                                                    CoseAlgorithm::rs256};

Expected expected()
{
    Expected expected;
    expected.challenge = Page().challenge;
    expected.rp_id = "example.com";
    expected.origins = {"https://login.example.com", "https://www.example.com"};
    return expected;
}

Page page_of(std::string type)
{
    Page page;
    page.type = std::move(type);
    return page;
}

/// A registration with what tests change of it.
struct Registration {
    Page page = page_of("webauthn.create");
    SoftwareAuthenticator authenticator;
    Expected expected = passkeys::expected();
    std::vector<CoseAlgorithm> offered = every_algorithm;
    std::optional<std::string> object{};

    [[nodiscard]] Result<NewCredential, CeremonyError> judged() const
    {
        const auto client_data = page.client_data();
        return judge_registration({client_data, object ? *object : authenticator.unattested()},
                                  expected, offered);
    }
};

/// The use of a credential, likewise.
struct Assertion {
    Assertion() { authenticator.flags = 0x05; }

    Page page = page_of("webauthn.get");
    SoftwareAuthenticator authenticator;
    Expected expected = passkeys::expected();
    std::uint32_t known_count = 0;
    bool known_eligible = false;
    std::optional<std::string> handle{};
    std::function<std::string(std::string)> distort = [](std::string signature) {
        return signature;
    };

    [[nodiscard]] Result<UsedCredential, CeremonyError> judged() const
    {
        const auto client_data = page.client_data();
        const auto data = authenticator.data();
        const auto signature = distort(authenticator.assertion(client_data));
        const auto key = authenticator.cose_key();
        AssertionResponse response{client_data, data, signature, {}};
        if (handle) response.user_handle = *handle;
        return judge_assertion(response, expected, {key, "user-1", known_count, known_eligible});
    }
};

template <class Outcome>
std::optional<CeremonyError> error_of(const Outcome& outcome)
{
    return outcome ? std::nullopt : std::optional(outcome.error());
}

TEST(JudgeRegistration, KeepsWhatWasMade)
{
    for (const auto algorithm :
         {jose::Algorithm::es256, jose::Algorithm::eddsa, jose::Algorithm::rs256}) {
        SCOPED_TRACE(jose::to_string(algorithm));
        Registration registration{.authenticator = SoftwareAuthenticator(algorithm)};
        registration.authenticator.flags = 0x5D; // with a backup that exists
        registration.authenticator.aaguid = "0123456789abcdef";
        const auto made = registration.judged();
        ASSERT_TRUE(made) << made.error();
        EXPECT_EQ(made->id, "credential-id-16");
        EXPECT_EQ(made->cose_key, registration.authenticator.cose_key());
        EXPECT_EQ(algorithm_of(made->algorithm), algorithm);
        EXPECT_EQ(made->aaguid, "0123456789abcdef");
        EXPECT_EQ(made->sign_count, 1U);
        EXPECT_TRUE(made->user_verified && made->backup_eligible && made->backed_up);
        EXPECT_EQ(made->attestation, "none");
    }
}

TEST(JudgeRegistration, RefusesWhatWasNotMadeHereAndNow)
{
    struct Case {
        const char* name;
        std::function<void(Registration&)> change;
        std::optional<CeremonyError> expected;
    };

    using R = Registration;
    using enum CeremonyError;
    const auto required = UserVerification::required;
    const Case cases[] = {
        {"as it should be",              [](R&) {},                                                    {}                                        },
        {"the second origin",            [](R& r) { r.page.origin = "https://www.example.com"; },      {}                                        },
        {"made to log in",               [](R& r) { r.page.type = "webauthn.get"; },                   wrong_type                                },
        {"another challenge",            [](R& r) { r.page.challenge += '0'; },                        wrong_challenge                           },
        {"no challenge",                 [](R& r) { r.page.challenge.clear(); },                       wrong_challenge                           },
        {"another scheme",               [](R& r) { r.page.origin = "http://login.example.com"; },     wrong_origin                              },
        {"another port",                 [](R& r) { r.page.origin += ":8443"; },                       wrong_origin                              },
        {"a domain below ours",          [](R& r) { r.page.origin = "https://x.login.example.com"; },
         wrong_origin                                                                                                                            },
        {"inside a strange frame",       [](R& r) { r.page.more = R"(,"crossOrigin":true)"; },
         wrong_origin                                                                                                                            },
        {"in no frame",                  [](R& r) { r.page.more = R"(,"crossOrigin":false)"; },        {}                                        },
        {"in a frame, said oddly",       [](R& r) { r.page.more = R"(,"crossOrigin":"no")"; },
         wrong_origin                                                                                                                            },
        {"below a strange page",         [](R& r) { r.page.more = R"(,"topOrigin":"https://evil")"; },
         wrong_origin                                                                                                                            },
        {"what a page may add",          [](R& r) { r.page.more = R"(,"other_keys":"may come")"; },    {}                                        },
        {"the origin twice",             [](R& r) { r.page.more = R"(,"origin":"https://evil")"; },    malformed                                 },
        {"for another party",            [](R& r) { r.authenticator.rp_id = "example.org"; },          wrong_party                               },
        {"nobody there",                 [](R& r) { r.authenticator.flags = 0x40; },                   user_absent                               },
        {"nobody proved, none asked",    [](R& r) { r.authenticator.flags = 0x41; },                   {}                                        },
        {"nobody proved, and asked",
         [&](R& r) {
             r.authenticator.flags = 0x41;
             r.expected.user_verification = required;
         },                                                                                            user_unverified                           },
        {"a backup without the ability", [](R& r) { r.authenticator.flags = 0x55; },                   malformed                                 },
        {"no credential",                [](R& r) { r.authenticator.flags = 0x05; },                   malformed                                 },
        {"an empty id",                  [](R& r) { r.authenticator.id.clear(); },                     malformed                                 },
        {"the longest id",               [](R& r) { r.authenticator.id.assign(1023, 'i'); },           {}                                        },
        {"a longer id",                  [](R& r) { r.authenticator.id.assign(1024, 'i'); },           malformed                                 },
        {"with extensions",
         [](R& r) {
             r.authenticator.flags |= 0x80U;
             r.authenticator.extensions = write::map({
                 {                            write::text("credProtect"),                     write::integer(2)}});
         },                                                                                                      {}                                                                                                                                                },
        {"extensions that are missing",                      [](R& r) { r.authenticator.flags |= 0x80U; },malformed},
        {"extensions nobody announced",                     [](R& r) { r.authenticator.extensions = write::map({}); },
         malformed                                                                                                                                                                                                                                                            },
        {"a byte too many",               [](R& r) { r.authenticator.trailing = "x"; },                                                                                  malformed},
        {"a key that was not offered",
         [](R& r) { r.offered = {CoseAlgorithm::eddsa, CoseAlgorithm::rs256}; },wrong_algorithm                                                                                                                                                               },
        {"no CBOR",                     [](R& r) { r.object = "\xFF"; },                                                                            malformed},
        {"no format",                [](R& r) { r.object = write::map({}); },      malformed                                                                                       },
        {"an unknown format",
         [](R& r) { r.object = r.authenticator.attestation_object("tpm", write::map({})); },
         bad_attestation            },
        {"none, with something",
         [](R& r) {
             const auto statement = write::map({
                 {write::text("sig"), write::bytes("x")}});
             r.object = r.authenticator.attestation_object("none", statement);
         },                                                                            bad_attestation                                                                                    },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Registration registration;
        c.change(registration);
        EXPECT_EQ(error_of(registration.judged()), c.expected);
    }
}

TEST(JudgeAssertion, TakesWhatTheCredentialSigned)
{
    for (const auto algorithm :
         {jose::Algorithm::es256, jose::Algorithm::eddsa, jose::Algorithm::rs256}) {
        SCOPED_TRACE(jose::to_string(algorithm));
        Assertion assertion;
        assertion.authenticator = SoftwareAuthenticator(algorithm);
        assertion.authenticator.flags = 0x1D;
        assertion.known_eligible = true;
        assertion.authenticator.count = 7;
        const auto used = assertion.judged();
        ASSERT_TRUE(used) << used.error();
        EXPECT_EQ(used->sign_count, 7U);
        EXPECT_TRUE(used->user_verified && used->backed_up);
    }
}

TEST(JudgeAssertion, RefusesWhatWasNotSignedHereAndNow)
{
    struct Case {
        const char* name;
        std::function<void(Assertion&)> change;
        std::optional<CeremonyError> expected;
    };

    using A = Assertion;
    using enum CeremonyError;
    const auto flip = [](std::size_t at) {
        return [at](std::string signature) {
            signature[at] = static_cast<char>(signature[at] ^ 1);
            return signature;
        };
    };
    const Case cases[] = {
        {"as it should be",              [](A&) {},                                                 {}             },
        {"made to register",             [](A& a) { a.page.type = "webauthn.create"; },             wrong_type     },
        {"another challenge",            [](A& a) { a.page.challenge += '0'; },                     wrong_challenge},
        {"another origin",               [](A& a) { a.page.origin = "https://evil.example"; },      wrong_origin   },
        {"for another party",            [](A& a) { a.authenticator.rp_id = "example.org"; },       wrong_party    },
        {"nobody there",                 [](A& a) { a.authenticator.flags = 0x04; },                user_absent    },
        {"nobody proved, and asked",
         [](A& a) {
             a.authenticator.flags = 0x01;
             a.expected.user_verification = UserVerification::required;
         },                                                                                         user_unverified},
        {"a bit of the signature",       [&](A& a) { a.distort = flip(10); },                       bad_signature  },
        {"no signature",                 [](A& a) { a.distort = [](auto) { return ""s; }; },        bad_signature  },
        {"a byte behind the signature",  [](A& a) { a.distort = [](auto s) { return s + '\0'; }; },
         bad_signature                                                                                             },
        {"whose it is",                  [](A& a) { a.handle = "user-1"; },                         {}             },
        {"somebody else's",              [](A& a) { a.handle = "user-2"; },                         wrong_user     },
        {"can be backed up of a sudden", [](A& a) { a.authenticator.flags = 0x0D; },
         backup_changed                                                                                            },
        {"no longer can",                [](A& a) { a.known_eligible = true; },                     backup_changed },
        {"a count that grows",
         [](A& a) {
             a.known_count = 6;
             a.authenticator.count = 7;
         },                                                                                         {}             },
        {"a count that stays",
         [](A& a) {
             a.known_count = 7;
             a.authenticator.count = 7;
         },                                                                                         cloned         },
        {"a count that falls to none",
         [](A& a) {
             a.known_count = 7;
             a.authenticator.count = 0;
         },                                                                                         cloned         },
        {"none counts",                  [](A& a) { a.authenticator.count = 0; },                   {}             },
        {"a byte too many",              [](A& a) { a.authenticator.trailing = "x"; },              malformed      },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Assertion assertion;
        c.change(assertion);
        EXPECT_EQ(error_of(assertion.judged()), c.expected);
    }
}

TEST(JudgeAssertion, RefusesAnotherCredentialsSignature)
{
    Assertion assertion;
    const auto client_data = assertion.page.client_data();
    const auto data = assertion.authenticator.data();
    const auto signature =
        SoftwareAuthenticator::sign(SoftwareAuthenticator().key(), data + sha256(client_data));
    const auto key = assertion.authenticator.cose_key();
    const auto judged =
        judge_assertion({client_data, data, signature, {}}, expected(), {key, "user-1", 0, false});
    EXPECT_EQ(error_of(judged), CeremonyError::bad_signature);
}

} // namespace
} // namespace gatehouse::auth::passkeys
