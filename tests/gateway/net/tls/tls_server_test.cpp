#include "gateway/net/tls/certificate_facts.hpp"
#include "gateway/net/tls/tls_server.hpp"
#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {
namespace {

using config::ClientCertificateMode;
using config::ClientCertificateSettings;
using config::ListenTlsSettings;
using Names = std::vector<std::string>;
using KeyKind = test::CertificateTerms::Key;

struct FreeX {
    void operator()(X509* certificate) const { X509_free(certificate); }

    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

class TlsServerTest : public TlsFixture {
protected:
    static void add(ListenTlsSettings& terms, const Names& names, KeyKind kind = KeyKind::p256)
    {
        const auto made = authority().sign({.names = names, .key = kind});
        terms.pairs.push_back({.chain_pem = made.certificate, .key_pem = Secret(made.key)});
    }

    /// The names in the certificate that a client gets who asks for `name`.
    Names meet(TlsServer& server, const std::string& name, const char* signatures = nullptr)
    {
        TlsClientTerms terms;
        terms.authorities = authority().certificate();
        terms.verify = false;
        peers_ = *make_client_context(terms);
        if (signatures != nullptr) SSL_CTX_set1_sigalgs_list(peers_.get(), signatures);
        be_server(*server.context, *peers_, name);
        if (shake_hands() != Shaken::done) return {};
        const std::unique_ptr<X509, FreeX> shown(SSL_get1_peer_certificate(&peer->ssl()));
        auto names = names_of(*shown);
        names.push_back(key_type_of(*shown));
        connect_anew();
        return names;
    }

    /// Whether a client that comes back is known.
    bool resumes(SSL_CTX& first, SSL_CTX& second)
    {
        peers_ = client_context();
        be_server(first, *peers_);
        EXPECT_EQ(shake_hands(), Shaken::done);
        collect();
        (void)peer->read(); // the tickets
        const std::unique_ptr<SSL_SESSION, FreeX> session(SSL_get1_session(&peer->ssl()));
        SSL_set_shutdown(&peer->ssl(), SSL_SENT_SHUTDOWN); // else its session is thrown away
        connect_anew();
        be_server(second, *peers_);
        SSL_set_session(&peer->ssl(), session.get());
        EXPECT_EQ(shake_hands(), Shaken::done);
        const bool resumed = SSL_session_reused(&peer->ssl()) == 1;
        connect_anew();
        return resumed;
    }

    std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>(std::chrono::hours(1));
};

TEST_F(TlsServerTest, ShowsTheCertificateForTheName)
{
    ListenTlsSettings terms;
    add(terms, {"one.test", "www.one.test"});
    add(terms, {"*.two.test"});
    add(terms, {"special.two.test"});
    auto server = make_tls_server(terms, "here", tickets);
    ASSERT_TRUE(server);

    struct Case {
        const char* asked;
        const char* shown;
    };

    const Case cases[] = {
        {"one.test",          "one.test"        },
        {"WWW.One.TEST",      "one.test"        },
        {"a.two.test",        "*.two.test"      },
        {"special.two.test",  "special.two.test"},
        {"a.b.two.test",      "one.test"        }, // a wildcard is for one label
        {"two.test",          "one.test"        },
        {"nobody.knows.test", "one.test"        },
        {"127.0.0.1",         "one.test"        }, // without SNI
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.asked);
        const auto shown = meet(*server, c.asked);
        ASSERT_FALSE(shown.empty());
        EXPECT_EQ(shown.front(), c.shown);
    }
}

TEST_F(TlsServerTest, HasSeveralKindsOfKeysForOneName)
{
    ListenTlsSettings terms;
    add(terms, {"gate.test"}, KeyKind::rsa_2048);
    add(terms, {"gate.test"}, KeyKind::p256);
    auto server = make_tls_server(terms, "here", tickets);
    ASSERT_TRUE(server);
    EXPECT_EQ(meet(*server, "gate.test", "ECDSA+SHA256").back(), "ECDSA 256");
    EXPECT_EQ(meet(*server, "gate.test", "RSA-PSS+SHA256").back(), "RSA 2048");
}

TEST_F(TlsServerTest, SaysWhichCertificateIsNoGood)
{
    const auto other = authority().sign({.names = {"gate.test"}});
    ListenTlsSettings terms;
    terms.certificate = "first.pem";
    add(terms, {"gate.test"});
    add(terms, {"weak.test"}, KeyKind::rsa_1024);
    auto server = make_tls_server(terms, "here", tickets);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().key, "certificates[0]");
    EXPECT_NE(server.error().message.find("ee key too small"), std::string::npos);
    terms.pairs[1].key_pem = Secret(other.key);
    server = make_tls_server(terms, "here", tickets);
    ASSERT_FALSE(server);
    EXPECT_NE(server.error().message.find("the key does not belong"), std::string::npos);
}

TEST_F(TlsServerTest, KnowsWhoComesBackWhereverAndAfterAReload)
{
    ListenTlsSettings terms;
    add(terms, {"gate.test"});
    const auto server = make_tls_server(terms, "here", tickets);
    const auto reloaded = make_tls_server(terms, "here", tickets);
    const auto elsewhere = make_tls_server(terms, "there", tickets);
    const auto others =
        make_tls_server(terms, "here", std::make_shared<TicketKeys>(std::chrono::hours(1)));
    EXPECT_TRUE(resumes(*server->context, *server->context));
    EXPECT_TRUE(resumes(*server->context, *reloaded->context));
    EXPECT_FALSE(resumes(*server->context, *elsewhere->context));
    EXPECT_FALSE(resumes(*server->context, *others->context));
}

TEST_F(TlsServerTest, AsksClientsForACertificate)
{
    const test::TestAuthority people("People");
    const auto alice = people.sign({.names = {"alice"}});
    const auto stranger = authority().sign({.names = {"alice"}});

    struct Case {
        const char* name;
        ClientCertificateMode mode;
        const test::TestCertificate* shown;
        bool let_in;
    };

    using enum ClientCertificateMode;
    const Case cases[] = {
        {"required and shown",   required, &alice,    true },
        {"required, none",       required, nullptr,   false},
        {"required, a stranger", required, &stranger, false},
        {"optional and shown",   optional, &alice,    true },
        {"optional, none",       optional, nullptr,   true },
        {"optional, a stranger", optional, &stranger, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        ListenTlsSettings terms;
        add(terms, {"gate.test"});
        auto& clients = terms.client_certificates.emplace();
        clients.ca_pem = people.certificate();
        clients.mode = c.mode;
        const auto server = make_tls_server(terms, "here", tickets);
        ASSERT_TRUE(server);
        TlsClientTerms as;
        as.authorities = authority().certificate();
        if (c.shown != nullptr) as.key_pair.emplace(key_pair_of(*c.shown));
        peers_ = *make_client_context(as);
        be_server(*server->context, *peers_);
        EXPECT_EQ(shake_hands() == Shaken::done, c.let_in);
        connect_anew();
    }
}

TEST_F(TlsServerTest, ForgetsWhoCameBeforeCertificatesWereAskedFor)
{
    ListenTlsSettings terms;
    add(terms, {"gate.test"});
    const auto before = make_tls_server(terms, "here", tickets);
    auto& clients = terms.client_certificates.emplace();
    clients.ca_pem = authority().certificate();
    clients.mode = ClientCertificateMode::optional;
    const auto after = make_tls_server(terms, "here", tickets);
    EXPECT_FALSE(resumes(*before->context, *after->context));
}

} // namespace
} // namespace gatehouse::gateway
