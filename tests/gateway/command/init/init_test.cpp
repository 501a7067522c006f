#include "config/environment/read_file.hpp"
#include "config/load/load.hpp"
#include "config/reference/schema.hpp"
#include "gateway/command/init/init.hpp"
#include "gateway/command/init/plan.hpp"
#include "tests/config/support/temporary_folder.hpp"
#include "tests/gateway/support/test_certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::gateway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A folder of its own, and `init` run in it.
class InitCommand : public testing::Test {
protected:
    InitCommand()
    {
        arguments_.command = CommandName::init;
        arguments_.config_file = in("gatehouse.yaml");
    }

    [[nodiscard]] std::string in(const std::string& name) const
    {
        return (folder_ / name).string();
    }

    [[nodiscard]] std::string text_of(const std::string& name) const
    {
        const auto text = config::read_file(in(name), config::MiB);
        return text ? *text : "";
    }

    int run(bool asks = false, const std::string& typed = "")
    {
        std::istringstream input{typed};
        std::ostringstream out;
        std::ostringstream err;
        Console console{input, out, err};
        const int code = run_init(arguments_, asks, console);
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    /// What a gateway would make of the file; complaints become a failure.
    config::Settings loaded()
    {
        auto loaded = config::load_file(in("gatehouse.yaml"), {});
        EXPECT_EQ(to_string(loaded.errors), "");
        EXPECT_EQ(to_string(loaded.warnings), "");
        return std::move(loaded.settings);
    }

    std::size_t files() const
    {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator{folder_.path()}, {}));
    }

    const TemporaryFolder folder_;
    Arguments arguments_;
    std::string out_;
    std::string err_;
};

TEST_F(InitCommand, WritesWhatCheckHasNothingToSayAbout)
{
    ASSERT_EQ(run(), exit_ok) << err_;
    EXPECT_EQ(err_, "");
    const auto settings = loaded();
    EXPECT_EQ(settings.listen.front().address, "0.0.0.0:8080");
    EXPECT_EQ(settings.registration, config::Registration::invite);
    EXPECT_EQ(settings.tokens.issuer, "http://localhost:8080");
    ASSERT_EQ(settings.routes.size(), 1U);
    EXPECT_EQ(settings.routes.front().match, "/**");
    EXPECT_EQ(settings.routes.front().to, "http://127.0.0.1:3000");
    EXPECT_EQ(files(), 2U) << "nothing temporary is left";
}

TEST_F(InitCommand, NamesTheSchemaOnTheFirstLineAndPutsItThere)
{
    ASSERT_EQ(run(), exit_ok) << err_;
    EXPECT_TRUE(text_of("gatehouse.yaml")
                    .starts_with("# yaml-language-server: $schema=gatehouse.schema.json\n"));
    EXPECT_EQ(text_of("gatehouse.schema.json"), config::configuration_schema());
}

TEST_F(InitCommand, TakesEveryOptionLiterally)
{
    arguments_.upstream = "http://[::1]:3000";
    arguments_.listen = "[::1]:9901";
    arguments_.registration = "closed";
    arguments_.store = "sqlite:with \"blank\" \\ and ${HOME} and: # colon.db";
    arguments_.issuer = "https://api.example.com/\x01\n- evil: [";
    ASSERT_EQ(run(), exit_ok) << err_;
    const auto settings = loaded();
    EXPECT_EQ(settings.routes.front().to, arguments_.upstream);
    EXPECT_EQ(settings.listen.front().address, arguments_.listen);
    EXPECT_EQ(settings.admin, "127.0.0.1:9902") << "not where clients connect";
    EXPECT_EQ(settings.registration, config::Registration::closed);
    EXPECT_EQ(settings.tokens.issuer, arguments_.issuer);
    EXPECT_EQ(std::filesystem::path(settings.store.substr(7)).filename(),
              arguments_.store.substr(7));
}

TEST_F(InitCommand, SpeaksHttpsWithACertificateAndSendsPlainClientsThere)
{
    for (const auto* name : {"tls.crt", "a key.pem"}) std::ofstream(in(name)) << "PEM";
    arguments_.certificate = "tls.crt";
    arguments_.certificate_key = "a key.pem";
    arguments_.redirect = "0.0.0.0:9901";
    ASSERT_EQ(run(), exit_ok) << err_;
    const auto settings = loaded();
    ASSERT_EQ(settings.listen.size(), 2U);
    EXPECT_EQ(settings.listen[0].address, "0.0.0.0:8443");
    ASSERT_TRUE(settings.listen[0].tls);
    EXPECT_EQ(settings.listen[0].tls->pairs.front().key, in("a key.pem"));
    EXPECT_EQ(settings.listen[1].address, "0.0.0.0:9901");
    EXPECT_TRUE(settings.listen[1].redirect_to_https.on);
    EXPECT_EQ(settings.admin, "127.0.0.1:9902") << "not where clients connect";
    EXPECT_EQ(settings.tokens.issuer, "https://localhost:8443");

    arguments_.certificate = "missing.crt";
    arguments_.force = true;
    EXPECT_EQ(run(), exit_usage);
    EXPECT_NE(err_.find("missing.crt cannot be read"), std::string::npos);
}

TEST_F(InitCommand, GivesAPostgresStoreAPlaceForItsKeys)
{
    arguments_.store = "postgres://gatehouse@db.internal/gatehouse";
    ASSERT_EQ(run(), exit_ok) << err_;
    EXPECT_EQ(std::filesystem::path(loaded().tokens.keys_file).filename(), "gatehouse.keys.json");
}

TEST_F(InitCommand, SaysWhatIsOpenAndWritesItAllTheSame)
{
    arguments_.registration = "open";
    ASSERT_EQ(run(), exit_ok);
    EXPECT_THAT(err_, HasSubstr("anyone may register"));
}

TEST_F(InitCommand, NamesEachBadOptionAndWritesNothing)
{
    arguments_.upstream = "localhost:3000";
    arguments_.listen = "8080";
    arguments_.store = "postgres://u:secret@h/d"; // goes on into the check of the whole
    ASSERT_EQ(run(), exit_usage);
    EXPECT_THAT(err_, AllOf(HasSubstr("--upstream: \"localhost:3000\" is not"),
                            HasSubstr("--listen: \"8080\" is not"), HasSubstr("hint: ")));
    arguments_.upstream.clear();
    arguments_.listen.clear();
    ASSERT_EQ(run(), exit_usage);
    EXPECT_THAT(err_, AllOf(HasSubstr("store: has a password in it"),
                            HasSubstr("nothing was written"), Not(HasSubstr("secret"))));
    EXPECT_EQ(files(), 0U);
}

TEST_F(InitCommand, ReplacesNothingWithoutForce)
{
    for (const auto* name : {"gatehouse.yaml", "gatehouse.schema.json"}) {
        SCOPED_TRACE(name);
        std::filesystem::remove(in("gatehouse.yaml"));
        std::ofstream{in(name)} << "mine\n";
        EXPECT_EQ(run(), exit_usage);
        EXPECT_THAT(err_, AllOf(HasSubstr("is there already"), HasSubstr("--force")));
        EXPECT_EQ(text_of(name), "mine\n");
    }
    arguments_.force = true;
    EXPECT_EQ(run(), exit_ok) << err_;
    EXPECT_EQ(files(), 2U);
    (void)loaded();
}

TEST_F(InitCommand, LeavesALinkAloneThatLeadsNowhere)
{
    std::filesystem::create_symlink("elsewhere.yaml", in("gatehouse.yaml"));
    EXPECT_EQ(run(), exit_usage);
    EXPECT_FALSE(std::filesystem::exists(in("elsewhere.yaml")));
}

TEST_F(InitCommand, TakesTheSameSchemaAsItIs)
{
    std::ofstream{in("gatehouse.schema.json")} << config::configuration_schema();
    EXPECT_EQ(run(), exit_ok) << err_;
}

TEST_F(InitCommand, SaysWhyAFolderCannotBeWritten)
{
    arguments_.config_file = in("missing/gatehouse.yaml");
    EXPECT_EQ(run(), exit_failed);
    EXPECT_THAT(err_, HasSubstr("No such file or directory"));
}

TEST_F(InitCommand, AsksFourQuestions)
{
    ASSERT_EQ(run(true, "http://127.0.0.1:4000\n\n 127.0.0.1:8081 \r\nclosed\n"), exit_ok) << err_;
    const auto settings = loaded();
    EXPECT_EQ(settings.routes.front().to, "http://127.0.0.1:4000");
    EXPECT_EQ(settings.listen.front().address, "127.0.0.1:8081");
    EXPECT_EQ(settings.registration, config::Registration::closed);
    EXPECT_FALSE(settings.listen.front().tls) << "nobody wants HTTPS by an empty line";
    EXPECT_EQ(std::ranges::count(err_, '?'), 4);
}

TEST_F(InitCommand, AsksForWhatHttpsNeedsUntilItFits)
{
    const test::TestAuthority authority;
    const auto own = authority.sign({{"a.test"}});
    const auto other = authority.sign({{"b.test"}});
    std::ofstream(in("tls.crt")) << own.certificate;
    std::ofstream(in("b.key")) << other.key;
    std::ofstream(in("a.key")) << own.key;
    ASSERT_EQ(run(true, "\nof course\nyes\nmissing.crt\na.key\n\n\nb.key\na.key\n\n8080\n"
                        "127.0.0.1:8080\n\n"),
              exit_ok)
        << err_;
    for (const auto* said : {"no: \"of course\" is neither", "\"missing.crt\" cannot be read",
                             "no certificate in it", "\"tls.key\" cannot be read",
                             "\"b.key\": the key does not belong", "no: \"8080\" is not"})
        EXPECT_THAT(err_, HasSubstr(said));
    const auto settings = loaded();
    ASSERT_EQ(settings.listen.size(), 2U);
    EXPECT_EQ(settings.listen[0].address, "0.0.0.0:8443");
    EXPECT_EQ(settings.listen[0].tls->pairs.front().key, in("a.key"));
    EXPECT_EQ(settings.listen[1].address, "127.0.0.1:8080");
    EXPECT_TRUE(settings.listen[1].redirect_to_https.on);
}

TEST_F(InitCommand, AsksAgainWhereTheAnswerIsNone)
{
    ASSERT_EQ(run(true, "3000\nhttp://127.0.0.1:4000\n\n\nperhaps\n\n"), exit_ok) << err_;
    EXPECT_THAT(err_,
                AllOf(HasSubstr("no: \"3000\" is not"), HasSubstr("no: \"perhaps\" is none")));
    EXPECT_EQ(loaded().registration, config::Registration::invite);
}

TEST_F(InitCommand, AsksOnlyWhatNoOptionSays)
{
    arguments_.upstream = "http://127.0.0.1:4000";
    arguments_.registration = "closed";
    ASSERT_EQ(run(true, "no\n127.0.0.1:8081\n"), exit_ok) << err_;
    EXPECT_EQ(std::ranges::count(err_, '?'), 2);

    arguments_.listen = "127.0.0.1:8081"; // which without a certificate is plain
    arguments_.force = true;
    ASSERT_EQ(run(true, ""), exit_ok) << err_;
}

TEST_F(InitCommand, WritesNothingWhenTheAnswersEnd)
{
    EXPECT_EQ(run(true, "http://127.0.0.1:4000\n"), exit_usage);
    EXPECT_THAT(err_, HasSubstr("nothing was written"));
    EXPECT_EQ(files(), 0U);
}

TEST_F(InitCommand, MakesRoutesOfAComposeFile)
{
    std::ofstream{in("compose.yaml")}
        << "services:\n"
           "  web: {image: shop, ports: ['80:3000']}\n"
           "  api: {image: api, expose: [4000]}\n"
           "  db: {image: postgres, environment: {POSTGRES_PASSWORD: hunter2}}\n";
    arguments_.from = in("compose.yaml");
    ASSERT_EQ(run(), exit_ok) << err_;
    const auto settings = loaded();
    ASSERT_EQ(settings.routes.size(), 2U);
    EXPECT_EQ(settings.routes[0].to, "http://web:3000");
    EXPECT_EQ(settings.routes[1].match, "/api/**");
    EXPECT_EQ(settings.routes[1].strip_prefix, "/api");
    EXPECT_EQ(settings.store, "sqlite:/var/lib/gatehouse/gatehouse.db");
    const auto text = text_of("gatehouse.yaml");
    EXPECT_THAT(text, AllOf(HasSubstr("# No route to db: its image keeps data."),
                            HasSubstr("services in compose.yaml"), Not(HasSubstr("hunter2"))));
    EXPECT_THAT(out_, HasSubstr("no route to db"));
}

TEST_F(InitCommand, SaysWhatIsWrongWithAComposeFile)
{
    arguments_.from = in("compose.yaml");
    EXPECT_EQ(run(), exit_usage);
    EXPECT_THAT(err_, HasSubstr("No such file"));
    std::ofstream{in("compose.yaml")} << "services: [\n";
    EXPECT_EQ(run(), exit_usage);
    EXPECT_THAT(err_, HasSubstr("this is not YAML"));
    EXPECT_EQ(files(), 1U);
}

TEST(YamlScalar, ComesBackAsItWas)
{
    for (const std::string text :
         {"plain",       "/**",      "*",     "null", "~",   "true", "a: b", "a #b", "- a", "'a'",
          "a\"b\\",      "${X}",     "$${X}", "$",    "{a}", "[a]",  "@a",   "`a`",  "%a",  "a:",
          "a\nb\tc\x7f", "\xC3\xA4", " a ",   "&a",   "!a",  "|",    ">",    "?",    "0"}) {
        SCOPED_TRACE(text);
        const auto loaded =
            config::load_text("tokens: {issuer: " + yaml_scalar(text) + "}", "x.yaml", {});
        EXPECT_EQ(to_string(loaded.errors), "");
        EXPECT_EQ(loaded.settings.tokens.issuer, text);
    }
}

} // namespace
} // namespace gatehouse::gateway
