// Who was let in by a certificate, and what of that is still true later.
#include "gateway/net/tls/client_certificate.hpp"
#include "gateway/net/tls/client_terms.hpp"
#include "gateway/net/tls/tls_server.hpp"
#include "tests/gateway/net/tls/tls_fixture.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace gatehouse::gateway {
namespace {

using config::ClientCertificateMode;
using testing::ElementsAre;

struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

class ClientTermsTest : public TlsFixture {
protected:
    [[nodiscard]] TlsServer server_for(const std::string& authorities,
                                       std::optional<ClientCertificateMode> mode) const
    {
        config::ListenTlsSettings terms;
        const auto& own = certificate_of_gate();
        terms.pairs.push_back({.chain_pem = own.certificate, .key_pem = Secret(own.key)});
        if (mode) {
            auto& clients = terms.client_certificates.emplace();
            clients.ca_pem = authorities;
            clients.mode = *mode;
        }
        return *make_tls_server(terms, "here", tickets);
    }

    Shaken come(const TlsServer& server, const test::TestCertificate* shown,
                SSL_SESSION* session = nullptr, int version = TLS1_3_VERSION)
    {
        connect_anew();
        TlsClientTerms as;
        as.authorities = authority().certificate();
        if (shown != nullptr) as.key_pair.emplace(key_pair_of(*shown));
        peers_ = *make_client_context(as);
        SSL_CTX_set_max_proto_version(peers_.get(), version);
        be_server(*server.context, *peers_);
        if (session != nullptr) SSL_set_session(&peer->ssl(), session);
        return shake_hands();
    }

    /// What lets a client come back.
    Session leave()
    {
        collect();
        (void)peer->read(); // the tickets
        Session session(SSL_get1_session(&peer->ssl()));
        SSL_set_shutdown(&peer->ssl(), SSL_SENT_SHUTDOWN); // else its session is thrown away
        return session;
    }

    [[nodiscard]] SSL& here() const { return socket.tls()->ssl(); }

    [[nodiscard]] bool was_resumed() const { return SSL_session_reused(&here()) == 1; }

    const std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>(std::chrono::hours(1));
    const test::TestAuthority people{"People"};
    const test::TestAuthority others{"Others"};
    const test::TestCertificate alice = people.sign({.names = {"alice.test"}});
};

TEST_F(ClientTermsTest, KnowWhoComesBackByATicket)
{
    const auto server = server_for(people.certificate(), ClientCertificateMode::required);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SCOPED_TRACE(version);
        ASSERT_EQ(come(server, &alice, nullptr, version), Shaken::done);
        const auto session = leave();
        ASSERT_EQ(come(server, nullptr, session.get(), version), Shaken::done);
        EXPECT_TRUE(was_resumed());
        const auto* const certificate = SSL_get0_peer_certificate(&here());
        ASSERT_NE(certificate, nullptr);
        EXPECT_THAT(describe_certificate(*certificate)->dns, ElementsAre("alice.test"));
    }
}

TEST_F(ClientTermsTest, TakeNoTicketOfACertificateThatHasExpired)
{
    using namespace std::chrono_literals;
    const auto server = server_for(people.certificate(), ClientCertificateMode::required);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        SCOPED_TRACE(version);
        const auto comes_in_its_life = [&] {
            const auto mayfly = people.sign({.names = {"brief.test"}, .ends_in = 2s});
            return come(server, &mayfly, nullptr, version) == Shaken::done;
        };
        // A machine that stops for as long has another try.
        ASSERT_TRUE(comes_in_its_life() || comes_in_its_life() || comes_in_its_life());
        const auto ends = describe_certificate(*SSL_get0_peer_certificate(&here()))->ends;
        const auto session = leave();
        while (std::time(nullptr) < ends) ::poll(nullptr, 0, 20);
        EXPECT_EQ(come(server, nullptr, session.get(), version), Shaken::failed);
    }
}

TEST_F(ClientTermsTest, AreAskedAgainWhenTheyAreOthers)
{
    using enum ClientCertificateMode;
    const auto both = people.certificate() + others.certificate();

    struct Case {
        const char* name;
        bool with_certificate;
        std::string authorities; // of now
        std::optional<ClientCertificateMode> mode;
        bool let_in;
    };

    const Case cases[] = {
        {"the same",                          true,  people.certificate(), optional, true },
        {"one more authority",                true,  both,                 optional, true },
        {"another authority",                 true,  others.certificate(), optional, false},
        {"the same, and required",            true,  people.certificate(), required, true },
        {"none shown, and now required",      false, people.certificate(), required, false},
        {"none shown, and another authority", false, others.certificate(), optional, true },
        {"nobody is asked any more",          true,  {},                   {},       false},
        {"nobody was asked to begin with",    false, {},                   {},       true },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto before = server_for(people.certificate(), optional);
        const auto now = server_for(c.authorities, c.mode);
        ASSERT_EQ(come(before, c.with_certificate ? &alice : nullptr), Shaken::done);
        EXPECT_EQ(would_be_let_in(here(), now.context.get()), c.let_in);
        EXPECT_FALSE(would_be_let_in(here(), nullptr)) << "where that listener is gone";
    }
}

TEST_F(ClientTermsTest, AreAskedAgainOfWhoCameByATicket)
{
    using enum ClientCertificateMode;
    const auto before = server_for(people.certificate(), required);
    ASSERT_EQ(come(before, &alice), Shaken::done);
    const auto session = leave();
    ASSERT_EQ(come(before, nullptr, session.get()), Shaken::done);
    ASSERT_TRUE(was_resumed());
    const auto more = server_for(people.certificate() + others.certificate(), required);
    const auto withdrawn = server_for(others.certificate(), required);
    EXPECT_TRUE(would_be_let_in(here(), more.context.get()));
    EXPECT_FALSE(would_be_let_in(here(), withdrawn.context.get()));
    const auto again = leave();
    EXPECT_EQ(come(withdrawn, nullptr, again.get()), Shaken::failed);
}

} // namespace
} // namespace gatehouse::gateway
