#include "tests/gateway/upstream/tls_fixture.hpp"

#include <openssl/ssl.h>

namespace gatehouse::gateway::test {
namespace {

using namespace std::chrono_literals;

class TlsSessionsTest : public testing::Test {
protected:
    TlsSessionsTest()
    {
        auto made = make_upstream_tls(trusting(good_authority()), nullptr, book_);
        terms = *std::move(made);
    }

    /// One conversation, from the handshake to the tickets. Whether it went on from an earlier one.
    bool converse(std::chrono::system_clock::time_point at)
    {
        TlsPeer server(open_server(*context));
        auto ssl = open_client(terms->context(), "localhost");
        sessions.prepare(*ssl, at);
        TlsPeer client(std::move(ssl));
        (void)client.shake_hands();
        exchange(client, server);
        EXPECT_TRUE(server.write("hello")); // behind its tickets
        client.give_records(server.take_records());
        EXPECT_EQ(client.read(), "hello");
        SSL_set_shutdown(&client.ssl(), SSL_SENT_SHUTDOWN); // or OpenSSL takes it for broken
        SSL_set_shutdown(&server.ssl(), SSL_SENT_SHUTDOWN);
        return SSL_session_reused(&client.ssl()) == 1;
    }

    UpstreamTlsBook book_;
    SslContextPtr context = serving_localhost();
    std::shared_ptr<const UpstreamTls> terms;
    TlsSessions sessions;
    const std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

TEST_F(TlsSessionsTest, LetsAConversationGoOnFromTheOneBefore)
{
    for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
        SCOPED_TRACE(version);
        SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
        SSL_CTX_set_max_proto_version(context.get(), version);
        sessions.forget_all();
        EXPECT_FALSE(converse(now));
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(converse(now));
        EXPECT_GE(sessions.size(), 1U);
        EXPECT_LE(sessions.size(), TlsSessions::most);
    }
}

TEST_F(TlsSessionsTest, BelievesNoCertificateForLongerThanItIsGood)
{
    EXPECT_FALSE(converse(now));
    ASSERT_GE(sessions.size(), 1U);
    EXPECT_FALSE(converse(now + 48h)); // the certificate was good for a day
    EXPECT_TRUE(converse(now));
}

} // namespace
} // namespace gatehouse::gateway::test
