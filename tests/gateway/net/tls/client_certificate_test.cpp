#include "gateway/net/tls/client_certificate.hpp"
#include "gateway/net/tls/key_pair.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// A certificate as whoever has an authority could make it: any bytes in any place.
class Odd {
public:
    Odd()
    {
        X509_gmtime_adj(X509_getm_notBefore(raw()), 0);
        X509_gmtime_adj(X509_getm_notAfter(raw()), 3600);
    }

    Odd& part(int kind, const std::string& value, int type = V_ASN1_UTF8STRING, int set = 0)
    {
        X509_NAME_add_entry_by_NID(X509_get_subject_name(raw()), kind, type,
                                   reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, set);
        return *this;
    }

    Odd& alternatives(const std::vector<std::pair<int, std::string>>& names)
    {
        auto* all = sk_GENERAL_NAME_new_null();
        for (const auto& [kind, text] : names) {
            auto* name = GENERAL_NAME_new();
            auto* value = ASN1_IA5STRING_new();
            ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
            GENERAL_NAME_set0_value(name, kind, value);
            sk_GENERAL_NAME_push(all, name);
        }
        X509_add1_ext_i2d(raw(), NID_subject_alt_name, all, 0, 0);
        sk_GENERAL_NAME_pop_free(all, GENERAL_NAME_free);
        return *this;
    }

    Odd& serial(const std::string& digits)
    {
        BIGNUM* number = nullptr;
        BN_hex2bn(&number, digits.c_str());
        BN_to_ASN1_INTEGER(number, X509_get_serialNumber(raw()));
        BN_free(number);
        return *this;
    }

    [[nodiscard]] ClientCertificate told() const
    {
        static const PrivateKeyPtr key(EVP_EC_gen("P-256"));
        X509_set_version(raw(), X509_VERSION_3);
        X509_set_pubkey(raw(), key.get());
        X509_sign(raw(), key.get(), EVP_sha256());
        return describe_certificate(*raw()).value();
    }

private:
    [[nodiscard]] X509* raw() const { return certificate_.get(); }

    X509Ptr certificate_{X509_new()};
};

TEST(ClientCertificate, IsNamedAsRfc4514WritesIt)
{
    const int cn = NID_commonName;

    const struct {
        const char* name;
        ClientCertificate told;
        std::string subject;
    } rows[] = {
        {"the last part first", Odd().part(NID_organizationName, "B").part(cn, "a").told(),
         "CN=a,O=B"},
        {"several common names", Odd().part(cn, "a").part(cn, "b").told(), "CN=b,CN=a"},
        {"two values in one",
         Odd().part(cn, "a").part(NID_organizationName, "B", V_ASN1_UTF8STRING, -1).told(),
         "O=B+CN=a"},
        {"what looks like two", Odd().part(cn, "a,O=Root").told(), "CN=a\\,O=Root"},
        {"what looks like a set", Odd().part(cn, "a+CN=root").told(), "CN=a\\+CN=root"},
        {"a backslash", Odd().part(cn, "a\\,O=Root").told(), "CN=a\\\\\\,O=Root"},
        {"blanks at its ends", Odd().part(cn, " a ").told(), "CN=\\ a\\ "},
        {"a hash in front", Odd().part(cn, "#61").told(), "CN=\\#61"},
        {"a quote", Odd().part(cn, "\"a\";<b>").told(), R"(CN=\"a\"\;\<b\>)"},
        {"an end of a line", Odd().part(cn, "a\r\nX-User-Id: root").told(),
         "CN=a\\0D\\0AX-User-Id: root"},
        {"a null", Odd().part(cn, "a\0b"s).told(), "CN=a\\00b"},
        {"UTF-8", Odd().part(cn, "J\u00f6rg").told(), "CN=J\\C3\\B6rg"},
        {"Latin-1", Odd().part(cn, "J\xf6rg", V_ASN1_T61STRING).told(), "CN=J\\C3\\B6rg"},
        {"nothing at all", Odd().told(), ""},
        {"too long to be one", Odd().part(cn, std::string(5000, 'a'), V_ASN1_UTF8STRING).told(),
         ""},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(row.told.subject, row.subject);
    }
}

TEST(ClientCertificate, HasNamesThatNobodyCanMistake)
{
    const auto told = Odd()
                          .alternatives({
                              {GEN_DNS,   "A.Test"           },
                              {GEN_URI,   "spiffe://a.test/x"},
                              {GEN_DNS,   "*.b.test"         },
                              {GEN_EMAIL, "a@a.test"         }
    })
                          .serial("0A1B")
                          .told();
    EXPECT_THAT(told.dns, ElementsAre("a.test", "*.b.test"));
    EXPECT_THAT(told.uri, ElementsAre("spiffe://a.test/x"));
    EXPECT_THAT(told.email, ElementsAre("a@a.test"));
    EXPECT_EQ(told.serial, "0A1B");
    EXPECT_EQ(told.fingerprint.size(), 64U);
}

TEST(ClientCertificate, HasNoListThatLacksSome)
{
    const struct {
        const char* name;
        std::string bad;
    } rows[] = {
        {"a null", "a.test\0.root.test"s},
        {"an end of a line", "a.test\r\nX-Root: 1"},
        {"a byte of no ASCII", "\xc3\xa4.test"},
        {"nothing", ""},
        {"a page of it", std::string(5000, 'a')},
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto told =
            Odd()
                .alternatives({
                    {GEN_DNS, "good.test"      },
                    {GEN_DNS, row.bad          },
                    {GEN_URI, "urn:still:there"}
        })
                .told();
        EXPECT_THAT(told.dns, IsEmpty());
        EXPECT_THAT(told.uri, ElementsAre("urn:still:there"));
    }
    EXPECT_THAT(Odd()
                    .alternatives(std::vector<std::pair<int, std::string>>(101, {GEN_DNS, "a"}))
                    .told()
                    .dns,
                IsEmpty());
    EXPECT_EQ(Odd().serial(std::string(42, '7')).told().serial, "");
}

TEST(ClientCertificate, IsGoodInItsTime)
{
    ClientCertificate certificate;
    certificate.begins = 100;
    certificate.ends = 200;
    EXPECT_FALSE(certificate.is_good_at(99));
    EXPECT_TRUE(certificate.is_good_at(100));
    EXPECT_TRUE(certificate.is_good_at(199));
    EXPECT_FALSE(certificate.is_good_at(200));
}

} // namespace
} // namespace gatehouse::gateway
