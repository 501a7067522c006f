#include "tests/auth/redis/impostor.hpp"
#include "tests/auth/redis/server.hpp"

#include <gmock/gmock.h>

namespace gatehouse::auth::redis {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RedisTls : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        server = std::make_unique<Server>(std::vector<std::string>(), true);
        make_authority(server->folder(), "stranger");
    }

    static void TearDownTestSuite() { server.reset(); }

    static inline std::unique_ptr<Server> server;
};

TEST_F(RedisTls, CarriesQuestionsAndAnswersOfAnySize)
{
    const auto connection = server->connect();
    const std::string large(1000 * 1000, 'a');
    Commands commands("SET", "a", large);
    for (int i = 0; i < 8; ++i) commands.add("GET", "a");
    const auto replies = must(connection->ask(commands, late()));
    for (int i = 1; i <= 8; ++i) EXPECT_EQ(replies[i].text, large);
    EXPECT_FALSE(connection->has_input());
}

TEST_F(RedisTls, TrustsOnlyWhomItIsToldToTrust)
{
    auto place = server->place();
    place.tls.authorities = server->folder() / "stranger.crt";
    const auto stranger = Connection::open(place, late());
    EXPECT_EQ(trouble_in(stranger), Trouble::untrusted);
    EXPECT_THAT(stranger.error().detail, HasSubstr("certificate"));
    place.tls.authorities = ""; // the system's
    EXPECT_EQ(trouble_in(Connection::open(place, late())), Trouble::untrusted);
    place.tls.authorities = server->folder() / "nothing.crt";
    const auto missing = Connection::open(place, late());
    EXPECT_EQ(trouble_in(missing), Trouble::untrusted);
    EXPECT_THAT(missing.error().detail, HasSubstr("nothing.crt"));
}

TEST_F(RedisTls, WantsTheNameItAskedFor)
{
    auto place = server->place();
    place.address.host = "localhost"; // the certificate is for 127.0.0.1
    const auto opened = Connection::open(place, late());
    EXPECT_EQ(trouble_in(opened), Trouble::untrusted);
    EXPECT_THAT(opened.error().detail, HasSubstr("mismatch"));
}

TEST_F(RedisTls, NeverFallsBackToPlainText)
{
    auto plain = server->place();
    plain.address.tls = false;
    const auto refused = Connection::open(plain, late());
    EXPECT_FALSE(refused);

    auto place = Server::shared().place();
    place.address.tls = true;
    place.password = Secret("hunter2");
    // To Redis a handshake is a command that has not ended.
    EXPECT_FALSE(Connection::open(place, std::chrono::steady_clock::now() + 100ms));
}

TEST_F(RedisTls, ShowsItsOwnCertificateWhereOneIsWanted)
{
    const auto& folder = server->folder();
    make_certificate(folder, "authority", "client", "DNS:gatehouse");
    const auto connection = server->connect();
    must(connection->ask_one(Commands("CONFIG", "SET", "tls-auth-clients", "yes"), late()));
    auto place = server->place();
    const auto without = Connection::open(place, late());
    place.tls.certificate = folder / "client.crt";
    place.tls.key = folder / "client.key";
    const auto with = Connection::open(place, late());
    place.tls.key = folder / "server.key";
    const auto mixed = Connection::open(place, late());
    must(connection->ask_one(Commands("CONFIG", "SET", "tls-auth-clients", "no"), late()));

    ASSERT_FALSE(without);
    EXPECT_TRUE(with) << with.error().detail;
    EXPECT_EQ(trouble_in(mixed), Trouble::untrusted);
}

TEST_F(RedisTls, WaitsForNoHandshakeLongerThanItSays)
{
    using Steady = std::chrono::steady_clock;
    Impostor silent({""});
    auto place = silent.place();
    place.address.tls = true;
    const auto began = Steady::now();
    EXPECT_EQ(trouble_in(Connection::open(place, began + 50ms)), Trouble::timed_out);
    server->freeze();
    EXPECT_EQ(trouble_in(Connection::open(server->place(), Steady::now() + 50ms)),
              Trouble::timed_out);
    server->thaw();
    EXPECT_LT(Steady::now() - began, 10s);
}

} // namespace
} // namespace gatehouse::auth::redis
