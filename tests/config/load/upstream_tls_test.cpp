#include "config/load/differences.hpp"
#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder with files, whose content nobody here understands.
class UpstreamTlsSettingsTest : public testing::Test {
protected:
    UpstreamTlsSettingsTest()
    {
        write("system.pem", "those of the system");
        write("ca.pem", "an authority");
        write("web.crt", "a certificate");
        write("web.key", "a key");
    }

    void write(const char* name, std::string_view text) const
    {
        std::ofstream(folder / name) << text;
    }

    [[nodiscard]] Loaded load(std::string_view text) const
    {
        return load_text(text, (folder / "g.yaml").string(),
                         {
                             {"SSL_CERT_FILE", (folder / "system.pem").string()}
        });
    }

    [[nodiscard]] Loaded load_upstream(const std::string& lines) const
    {
        return load("routes: [{match: /**, to: web}]\nupstreams:\n  web: {" + lines + "}\n");
    }

    const TemporaryFolder folder;
};

TEST_F(UpstreamTlsSettingsTest, AreReadWithWhatStandsInTheFiles)
{
    const auto loaded = load_upstream(
        "endpoints: ['https://web:8443'], tls: {ca: ca.pem, certificate: web.crt, key: web.key, "
        "server_name: a.test, min_version: 1.3}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    const auto& tls = loaded.settings.upstreams.at("web").tls;
    ASSERT_TRUE(tls.has_value());
    EXPECT_EQ(tls->ca_pem, "an authority");
    EXPECT_EQ(tls->certificate_pem, "a certificate");
    EXPECT_EQ(tls->key_pem.reveal(), "a key");
    EXPECT_EQ(tls->min_version, TlsMinVersion::v1_3);
    EXPECT_TRUE(tls->verify);
    EXPECT_EQ(loaded.settings.system_authorities, nullptr); // nobody is verified by them
    for (const auto* name : {"ca.pem", "web.crt", "web.key"}) {
        EXPECT_THAT(loaded.files, Contains((folder / name).string()));
    }
    for (const auto& shown : *loaded.settings.shown) EXPECT_NE(shown.value, "a key");
}

TEST_F(UpstreamTlsSettingsTest, BringTheAuthoritiesOfTheSystemWhereTheyAreNeeded)
{
    struct Case {
        const char* text;
        bool needed;
    };

    const Case cases[] = {
        {"routes: [{match: /**, to: 'https://web'}]",                                            true },
        {"routes: [{match: /**, to: 'http://web'}]",                                             false},
        {"{routes: [{match: /**, to: w}], upstreams: {w: {endpoints: ['https://w']}}}",          true },
        {"{routes: [{match: /**, to: w}], upstreams: {w: {endpoints: ['https://w'], tls: {}}}}",
         true                                                                                         },
        {"{routes: [{match: /**, to: w}], upstreams: {w: {endpoints: ['https://w'], tls: {ca: "
         "ca.pem}}}}",                                                                  false},
        {"{routes: [{match: /**, to: w}], upstreams: {w: {endpoints: ['https://w'], tls: {verify: "
         "false}}}}",                                                                   false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto loaded = load(c.text);
        ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_EQ(loaded.settings.system_authorities != nullptr, c.needed);
    }
    std::filesystem::remove(folder / "system.pem");
    EXPECT_THAT(to_string(load(cases[0].text).errors), HasSubstr("the system's authorities: "));
}

TEST_F(UpstreamTlsSettingsTest, AreJudged)
{
    struct Case {
        const char* name;
        const char* lines;
        const char* error;
        const char* warning;
    };

    const Case cases[] = {
        {"a file that is missing", "endpoints: ['https://w'], tls: {ca: no.pem}",
         "g.yaml:3:45: upstreams.web.tls.ca",                                                                          ""       },
        {"no key",                 "endpoints: ['https://w'], tls: {certificate: web.crt}",      "has no key",         ""       },
        {"no certificate",         "endpoints: ['https://w'], tls: {key: web.key}",              "has no certificate",
         ""                                                                                                                     },
        {"no name",                "endpoints: ['https://w'], tls: {server_name: 'a b'}",
         "neither a name nor an IP address",                                                                           ""       },
        {"a version of the past",  "endpoints: ['https://w'], tls: {min_version: 1.1}",
         "min_version",                                                                                                ""       },
        {"an authority in vain",   "endpoints: ['https://w'], tls: {verify: false, ca: ca.pem}",
         "is looked at by nobody",                                                                                     ""       },
        {"nobody is verified",     "endpoints: ['https://w'], tls: {verify: false}",             "",                   "WHOEVER"},
        {"no endpoint over TLS",   "endpoints: ['http://w'], tls: {ca: ca.pem}",                 "",
         "no endpoint is"                                                                                                       },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_upstream(c.lines);
        EXPECT_EQ(loaded.ok(), *c.error == '\0') << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(c.error));
        EXPECT_THAT(to_string(loaded.warnings), HasSubstr(c.warning));
    }
}

TEST_F(UpstreamTlsSettingsTest, DifferWhenAFileDoes)
{
    const auto* const lines =
        "endpoints: ['https://web'], tls: {ca: ca.pem, certificate: web.crt, key: web.key}";
    const auto running = load_upstream(lines).settings;
    auto same = load_upstream(lines).settings;
    EXPECT_FALSE(settle_differences(running, same).any());
    for (const auto* name : {"ca.pem", "web.crt", "web.key"}) {
        SCOPED_TRACE(name);
        write(name, std::string("another ") + name);
        auto next = load_upstream(lines).settings;
        EXPECT_THAT(settle_differences(running, next).take_effect,
                    ElementsAre("upstreams.web.tls"));
    }
    const auto by_system = load("routes: [{match: /**, to: 'https://web'}]").settings;
    write("system.pem", "others");
    auto next = load("routes: [{match: /**, to: 'https://web'}]").settings;
    EXPECT_THAT(settle_differences(by_system, next).take_effect, ElementsAre("SSL_CERT_FILE"));
}

} // namespace
} // namespace gatehouse::config
