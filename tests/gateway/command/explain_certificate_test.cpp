// What `explain` says of a certificate that nobody has shown yet.
#include "config/load/load.hpp"
#include "gateway/command/certificate_file.hpp"
#include "gateway/command/explain.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/support/test_certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExplainCertificate : public testing::Test {
protected:
    ExplainCertificate()
    {
        using namespace std::chrono_literals;
        const auto site = authority.sign({{"site.test"}});
        write("tls.crt", site.certificate);
        write("tls.key", site.key);
        write("ca.crt", authority.certificate());
        const auto alice = authority.sign({{"alice.test"}});
        write("alice.crt", alice.certificate);
        write("alice.key", alice.key);
        write("alice.pem", alice.key + alice.certificate);
        write("old.crt", authority.sign({.names = {"alice.test"}, .ends_in = -1min}).certificate);
        write("early.crt", authority.sign({.names = {"alice.test"}, .begins_in = 1h}).certificate);
    }

    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream(folder / name) << text;
    }

    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (folder / name).string();
    }

    [[nodiscard]] std::string explain(const std::string& file, const std::string& tls) const
    {
        write("g.yaml", "store: memory\nlisten: [{address: '127.0.0.1:1', tls: {certificate: "
                        "tls.crt, key: tls.key" +
                            tls +
                            "}}]\nroutes: [{match: /**, auth: none, to: 'https://a', "
                            "request_headers: {set: {X-Who: 'is {certificate.subject}'}}}]");
        auto loaded = config::load_file(path("g.yaml"), {});
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        Arguments arguments;
        arguments.request = "/a";
        arguments.certificate = path(file);
        std::istringstream in;
        std::ostringstream out;
        Console console{in, out, out};
        (void)run_explain(arguments, std::move(loaded.settings), console);
        return out.str();
    }

    const TemporaryFolder folder;
    const TestAuthority authority;
    const std::string asks = ", client_certificates: {ca: ca.crt}";
};

TEST_F(ExplainCertificate, IsTakenForVerifiedWhereOneIsAskedFor)
{
    const auto told = explain("alice.crt", asks);
    EXPECT_THAT(told, HasSubstr("shown:    CN=alice.test at 127.0.0.1:1, taken for verified\n"));
    EXPECT_THAT(told, HasSubstr("\n  X-Who: is CN=alice.test\n"));
    EXPECT_THAT(told, HasSubstr("to:       https://a:443\n"));
    EXPECT_THAT(explain("alice.pem", asks), HasSubstr("X-Who: is CN=alice.test"))
        << "a key may stand in front of it";
}

TEST_F(ExplainCertificate, CountsForNothingWhereNobodyAsks)
{
    const auto told = explain("alice.crt", "");
    EXPECT_THAT(told, HasSubstr("nobody looks at a certificate"));
    EXPECT_THAT(told, Not(HasSubstr("X-Who")));
}

TEST_F(ExplainCertificate, IsRefusedOutOfItsTime)
{
    for (const auto* file : {"old.crt", "early.crt"}) {
        const auto told = explain(file, asks);
        EXPECT_THAT(told, HasSubstr("decision: refused with 403 forbidden")) << file;
        EXPECT_THAT(told, HasSubstr("out of its time")) << file;
    }
}

TEST_F(ExplainCertificate, IsReadFromItsFileAndLeavesTheKeyThere)
{
    EXPECT_THAT(explain("missing.crt", asks), HasSubstr("missing.crt cannot be read"));
    EXPECT_THAT(explain("alice.key", asks), HasSubstr("there is no certificate in it"));
    const auto read = read_certificate_file(path("alice.pem"));
    ASSERT_TRUE(read);
    const auto sent = pem_of(**read);
    EXPECT_THAT(sent, testing::StartsWith("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_THAT(sent, Not(HasSubstr("PRIVATE KEY")));
}

} // namespace
} // namespace gatehouse::gateway::test
