#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <string>

namespace gatehouse::gateway {
namespace {

using Names = std::vector<std::string>;
using KeyKind = test::CertificateTerms::Key;

class TlsContextTest : public TlsFixture {
protected:
    /// As a client of a server with that certificate.
    Shaken meet(const test::TestCertificate& server, const std::string& name)
    {
        own_ = client_context();
        peers_ = make_server_context(TlsVersion::v1_2);
        EXPECT_TRUE(key_pair_of(server).install(*peers_));
        be_client(*own_, *peers_, name);
        return shake_hands();
    }
};

TEST_F(TlsContextTest, TrustsAServerForItsNamesOnly)
{
    struct Case {
        const char* name;
        Names certified;
        std::string asked;
        Shaken expected;
    };

    const Case cases[] = {
        {"its name",                 {"gate.test"},              "gate.test",         Shaken::done  },
        {"its second name",          {"gate.test", "door.test"}, "door.test",         Shaken::done  },
        {"another name",             {"gate.test"},              "door.test",         Shaken::failed},
        {"a wildcard",               {"*.test.example"},         "gate.test.example", Shaken::done  },
        {"a wildcard for one label", {"*.example"},              "gate.test.example", Shaken::failed},
        {"part of a label",          {"g*.test.example"},        "gate.test.example", Shaken::failed},
        {"its address",              {"127.0.0.1"},              "127.0.0.1",         Shaken::done  },
        {"another address",          {"127.0.0.2"},              "127.0.0.1",         Shaken::failed},
        {"an address is no name",    {"gate.test"},              "127.0.0.1",         Shaken::failed},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(meet(authority().sign({.names = c.certified}), c.asked), c.expected);
        if (c.expected == Shaken::failed) EXPECT_FALSE(socket.tls()->failure().empty());
        connect_anew();
    }
}

TEST_F(TlsContextTest, DoesNotTakeTheSubjectForAName)
{
    test::CertificateTerms terms;
    terms.subject = "gate.test";
    EXPECT_EQ(meet(authority().sign(terms), "gate.test"), Shaken::failed);
}

TEST_F(TlsContextTest, TrustsItsAuthoritiesWithinTheirTime)
{
    const test::TestAuthority other("Another Authority");

    struct Case {
        const char* name;
        test::TestCertificate shown;
        std::string_view failure;
    };

    using std::chrono::hours;
    const Case cases[] = {
        {"of another authority", other.sign({.names = {"gate.test"}}),
         "unable to get local issuer certificate"},
        {"expired",              authority().sign({.names = {"gate.test"}, .ends_in = -hours(1) / 2}),
         "certificate has expired"               },
        {"not yet valid",        authority().sign({.names = {"gate.test"}, .begins_in = hours(1)}),
         "certificate is not yet valid"          },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(meet(c.shown, "gate.test"), Shaken::failed);
        EXPECT_EQ(socket.tls()->failure(), c.failure);
        connect_anew();
    }
}

TEST_F(TlsContextTest, AsksForNoProofWhereItIsToldSo)
{
    TlsClientTerms terms;
    terms.verify = false;
    own_ = *make_client_context(terms);
    peers_ = server_context();
    be_client(*own_, *peers_, "door.test");
    EXPECT_EQ(shake_hands(), Shaken::done);
}

TEST_F(TlsContextTest, ChoosesHttp11AndNothingElse)
{
    struct Case {
        const char* name;
        std::string offered;
        Shaken expected;
        std::string chosen;
    };

    const Case cases[] = {
        {"nothing offered", "",                   Shaken::done,   ""        },
        {"with HTTP/2",     "\x02h2\x08http/1.1", Shaken::done,   "http/1.1"},
        {"HTTP/2 only",     "\x02h2",             Shaken::failed, ""        },
        {"a longer name",   "\x0ahttp/1.1.1",     Shaken::failed, ""        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        own_ = server_context();
        peers_ = client_context();
        SSL_CTX_set_alpn_protos(peers_.get(),
                                reinterpret_cast<const unsigned char*>(c.offered.data()),
                                static_cast<unsigned>(c.offered.size()));
        be_server(*own_, *peers_);
        EXPECT_EQ(shake_hands(), c.expected);
        const unsigned char* chosen = nullptr;
        unsigned bytes = 0;
        SSL_get0_alpn_selected(&peer->ssl(), &chosen, &bytes);
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), bytes), c.chosen);
        connect_anew();
    }
}

TEST_F(TlsContextTest, SpeaksModernTlsOnly)
{
    struct Case {
        const char* name;
        TlsVersion oldest;
        int version;
        const char* ciphers;
        Shaken expected;
    };

    const Case cases[] = {
        {"1.1",                        TlsVersion::v1_2, TLS1_1_VERSION, "DEFAULT@SECLEVEL=0",           Shaken::failed},
        {"1.2",                        TlsVersion::v1_2, TLS1_2_VERSION, "DEFAULT",                      Shaken::done  },
        {"1.2 where 1.3 is asked for", TlsVersion::v1_3, TLS1_2_VERSION, "DEFAULT",                      Shaken::failed},
        {"no forward secrecy",         TlsVersion::v1_2, TLS1_2_VERSION, "AES128-GCM-SHA256:AES128-SHA",
         Shaken::failed                                                                                                },
        {"CBC",                        TlsVersion::v1_2, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256",    Shaken::failed},
        {"1.3",                        TlsVersion::v1_3, TLS1_3_VERSION, "DEFAULT",                      Shaken::done  },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        own_ = server_context(c.oldest);
        peers_ = client_context();
        SSL_CTX_set_security_level(peers_.get(), 0);
        SSL_CTX_set_min_proto_version(peers_.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(peers_.get(), c.version);
        ASSERT_EQ(SSL_CTX_set_cipher_list(peers_.get(), c.ciphers), 1);
        be_server(*own_, *peers_);
        EXPECT_EQ(shake_hands(), c.expected);
        connect_anew();
    }
}

TEST_F(TlsContextTest, LeavesChaChaToWhoPrefersIt)
{
    struct Case {
        const char* suites;
        const char* expected;
    };

    const Case cases[] = {
        {"TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256",
         "TLS_AES_128_GCM_SHA256"                                                                                    },
        {"TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",                        "TLS_CHACHA20_POLY1305_SHA256"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.suites);
        own_ = server_context();
        peers_ = client_context();
        SSL_CTX_set_ciphersuites(peers_.get(), c.suites);
        be_server(*own_, *peers_);
        ASSERT_EQ(shake_hands(), Shaken::done);
        EXPECT_STREQ(SSL_get_cipher_name(&socket.tls()->ssl()), c.expected);
        connect_anew();
    }
}

TEST(KeyPair, SaysWhatIsWrongWithIt)
{
    const auto good = authority().sign({.names = {"gate.test"}});
    const auto other = authority().sign({.names = {"gate.test"}});

    struct Case {
        const char* name;
        std::string certificate;
        std::string key;
        std::string_view failure;
    };

    const std::string locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                               "-----END ENCRYPTED PRIVATE KEY-----\n";
    const Case cases[] = {
        {"nothing", "", good.key, "there is no certificate in it"},
        {"a key where a certificate belongs", good.key, good.key, "there is no certificate in it"},
        {"half a certificate", good.certificate.substr(0, 200), good.key,
         "certificate 1 cannot be read"},
        {"no key", good.certificate, "", "the key cannot be read"},
        {"a key with a passphrase", good.certificate, locked, "the key cannot be read"},
        {"another key", good.certificate, other.key, "the key does not belong to the certificate"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto read = KeyPair::read(c.certificate, c.key);
        ASSERT_FALSE(read);
        EXPECT_TRUE(read.error().starts_with(c.failure)) << read.error();
    }
    EXPECT_TRUE(KeyPair::read(good.certificate + authority().certificate(), good.key));
}

TEST(KeyPair, IsNotUsedWhenItIsWeak)
{
    const auto weak = authority().sign({.names = {"gate.test"}, .key = KeyKind::rsa_1024});
    const auto context = make_server_context(TlsVersion::v1_2);
    const auto installed = key_pair_of(weak).install(*context);
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error(), "ee key too small");
}

} // namespace
} // namespace gatehouse::gateway
