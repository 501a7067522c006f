#include "auth/passkeys/attestation.hpp"
#include "tests/auth/passkeys/software_authenticator.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::auth::passkeys {
namespace {

using namespace std::string_literals;
using test::Page;
using test::sha256;
using test::SoftwareAuthenticator;
namespace write = auth::test::cbor;

/// A maker's certificate. Members are changed by tests.
struct Maker {
    jose::Key::Pointer key = jose::Key::generate(jose::Algorithm::es256);
    long version = 2;
    std::string country = "SE";
    std::string organisation = "Makers";
    std::string unit = "Authenticator Attestation";
    std::string name = "Model 1";
    std::string constraints = "critical,CA:FALSE";
    std::string model; // the value of the extension, as `DER:...`

    [[nodiscard]] std::string certificate() const
    {
        const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
        auto* const raw = made.get();
        X509_set_version(raw, version);
        ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
        X509_gmtime_adj(X509_getm_notBefore(raw), 0);
        X509_gmtime_adj(X509_getm_notAfter(raw), 3600);
        auto* subject = X509_get_subject_name(raw);
        add(subject, "C", country);
        add(subject, "O", organisation);
        add(subject, "OU", unit);
        add(subject, "CN", name);
        X509_set_issuer_name(raw, subject);
        extend(raw, "basicConstraints", constraints);
        extend(raw, "1.3.6.1.4.1.45724.1.1.4", model);
        const auto pem = key->private_text();
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(
            BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.size())), BIO_free_all);
        const jose::Pkey pkey(PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
        X509_set_pubkey(raw, pkey.get());
        X509_sign(raw, pkey.get(), EVP_sha256());
        std::string der(static_cast<std::size_t>(i2d_X509(raw, nullptr)), '\0');
        auto* out = reinterpret_cast<unsigned char*>(der.data());
        i2d_X509(raw, &out);
        return der;
    }

private:
    static void add(X509_NAME* subject, const char* part, const std::string& value)
    {
        if (value.empty()) return;
        X509_NAME_add_entry_by_txt(subject, part, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0);
    }

    static void extend(X509* certificate, const char* kind, const std::string& value)
    {
        if (value.empty()) return;
        auto* extension = X509V3_EXT_conf(nullptr, nullptr, kind, value.c_str());
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
};

/// A registration whose statement a test builds.
struct Attesting {
    SoftwareAuthenticator authenticator;
    Maker maker;
    std::string client_data = Page{.type = "webauthn.create", .more = ""}.client_data();
    std::int64_t alg = -7;

    [[nodiscard]] std::string signed_by(const jose::Key& key) const
    {
        return SoftwareAuthenticator::sign(key, authenticator.data() + sha256(client_data));
    }

    [[nodiscard]] std::string by_itself() const
    {
        return write::map({
            {write::text("alg"), write::integer(alg)                         },
            {write::text("sig"), write::bytes(signed_by(authenticator.key()))}
        });
    }

    [[nodiscard]] std::string by_maker() const
    {
        return write::map({
            {write::text("alg"), write::integer(alg)                              },
            {write::text("sig"), write::bytes(signed_by(*maker.key))              },
            {write::text("x5c"), write::array({write::bytes(maker.certificate())})}
        });
    }

    [[nodiscard]] std::string by_u2f() const
    {
        const auto input = "\0"s + sha256(authenticator.rp_id) + sha256(client_data) +
                           authenticator.id + "\x04" + authenticator.member("x") +
                           authenticator.member("y");
        return write::map({
            {write::text("sig"), write::bytes(SoftwareAuthenticator::sign(*maker.key, input))},
            {write::text("x5c"), write::array({write::bytes(maker.certificate())})}
        });
    }

    [[nodiscard]] bool holds(std::string_view format, const std::string& statement) const
    {
        Expected expected;
        expected.challenge = Page().challenge;
        expected.rp_id = authenticator.rp_id;
        expected.origins = {Page().origin};
        const auto object = authenticator.attestation_object(format, statement);
        const auto made =
            judge_registration({client_data, object}, expected,
                               {CoseAlgorithm::es256, CoseAlgorithm::eddsa, CoseAlgorithm::rs256});
        if (made) return true;
        EXPECT_EQ(made.error(), CeremonyError::bad_attestation);
        return false;
    }
};

TEST(Attestation, OfTheCredentialItselfHoldsForItsOwnKey)
{
    Attesting attesting;
    EXPECT_TRUE(attesting.holds("packed", attesting.by_itself()));
    attesting.alg = -8;
    EXPECT_FALSE(attesting.holds("packed", attesting.by_itself())) << "of another algorithm";
    attesting.alg = -7;
    const auto statement = attesting.by_itself();
    attesting.client_data += " ";
    EXPECT_FALSE(attesting.holds("packed", statement)) << "signed something else";
    EXPECT_FALSE(attesting.holds("packed", write::map({}))) << "nothing signed";
}

TEST(Attestation, OfAMakerHoldsForACertificateThatIsOne)
{
    const struct {
        const char* name;
        std::function<void(Maker&)> change;
        bool holds;
    } cases[] = {
        {"as it should be",         [](Maker&) {},                                                true },
        {"of this model",
         [](Maker& m) { m.model = "DER:04:10:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00"; },
         true                                                                                          },
        {"of another model",
         [](Maker& m) { m.model = "DER:04:10:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01"; },
         false                                                                                         },
        {"of this model, critical",
         [](Maker& m) {
             m.model = "critical,DER:04:10:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00";
         },                                                                                       false},
        {"version 1",               [](Maker& m) { m.version = 0; },                              false},
        {"of no country",           [](Maker& m) { m.country.clear(); },                          false},
        {"of nobody",               [](Maker& m) { m.organisation.clear(); },                     false},
        {"for something else",      [](Maker& m) { m.unit = "Web servers"; },                     false},
        {"without a name",          [](Maker& m) { m.name.clear(); },                             false},
        {"an authority",            [](Maker& m) { m.constraints = "critical,CA:TRUE"; },         false},
        {"not said to be none",     [](Maker& m) { m.constraints.clear(); },                      false},
    };

    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Attesting attesting;
        c.change(attesting.maker);
        EXPECT_EQ(attesting.holds("packed", attesting.by_maker()), c.holds);
    }
}

TEST(Attestation, OfAMakerIsRefusedWhenItsKeyDidNotSign)
{
    Attesting attesting;
    auto statement = write::map({
        {write::text("alg"), write::integer(-7)                                              },
        {write::text("sig"), write::bytes(attesting.signed_by(attesting.authenticator.key()))},
        {write::text("x5c"), write::array({write::bytes(attesting.maker.certificate())})     }
    });
    EXPECT_FALSE(attesting.holds("packed", statement)) << "the credential's key";
    const auto broken = attesting.maker.certificate() + "x";
    statement = write::map({
        {write::text("alg"), write::integer(-7)                                     },
        {write::text("sig"), write::bytes(attesting.signed_by(*attesting.maker.key))},
        {write::text("x5c"), write::array({write::bytes(broken)})                   }
    });
    EXPECT_FALSE(attesting.holds("packed", statement)) << "a byte behind the certificate";
    statement = write::map({
        {write::text("alg"), write::integer(-7)                                     },
        {write::text("sig"), write::bytes(attesting.signed_by(*attesting.maker.key))},
        {write::text("x5c"), write::array({})                                       }
    });
    EXPECT_FALSE(attesting.holds("packed", statement)) << "no certificate";
}

TEST(Attestation, OfAnOlderKeyHoldsForWhatThoseSign)
{
    Attesting attesting;
    EXPECT_TRUE(attesting.holds("fido-u2f", attesting.by_u2f()));
    EXPECT_FALSE(attesting.holds("fido-u2f", attesting.by_maker())) << "signed in the newer way";
    EXPECT_FALSE(attesting.holds("packed", attesting.by_u2f()));
    attesting.authenticator.aaguid[15] = '\1';
    EXPECT_FALSE(attesting.holds("fido-u2f", attesting.by_u2f())) << "those name no model";
}

} // namespace
} // namespace gatehouse::auth::passkeys
