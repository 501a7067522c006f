#include "config/load/differences.hpp"
#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class TlsSettingsTest : public testing::Test {
protected:
    TlsSettingsTest()
    {
        for (const auto* name : {"a.crt", "a.key", "b.crt", "b.key", "ca.crt"}) write(name, name);
    }

    void write(const std::string& name, const std::string& content) const
    {
        std::ofstream(folder / name) << content;
    }

    [[nodiscard]] Loaded load(const std::string& yaml) const
    {
        return load_text(yaml, (folder / "gatehouse.yaml").string(), {});
    }

    [[nodiscard]] std::string judged(const std::string& yaml) const
    {
        const auto loaded = load(yaml);
        return loaded.errors.empty()
                   ? ""
                   : loaded.errors.front().key + ": " + loaded.errors.front().message;
    }

    const TemporaryFolder folder;
};

std::string listener(const std::string& more)
{
    return "listen: [{address: '127.0.0.1:1', " + more + "}]\n";
}

TEST_F(TlsSettingsTest, MakeSenseTogether)
{
    const std::string tls = "tls: {certificate: a.crt, key: a.key}";
    const std::string two = "listen: [{address: '127.0.0.1:1', " + tls +
                            "}, {address: '127.0.0.1:2', redirect_to_https: true}]\n";

    const struct {
        const char* name;
        std::string yaml;
        const char* error;
    } rows[] = {
        {"one pair",                 listener(tls),                                                            ""                                   },
        {"a list",                   listener("tls: {certificates: [{certificate: a.crt, key: a.key}]}"),      ""                                   },
        {"both",
         listener("tls: {certificate: a.crt, key: a.key, certificates: "
                  "[{certificate: b.crt, key: b.key}]}"),
         ""                                                                                                                                         },
        {"nothing",                  listener("tls: {}"),                                                      "listen[0].tls: names no certificate"},
        {"no key",                   listener("tls: {certificate: a.crt}"),                                    "listen[0].tls: has no key"          },
        {"no certificate",           listener("tls: {key: a.key}"),                                            "listen[0].tls: has no certificate"  },
        {"a missing file",           listener("tls: {certificate: no.crt, key: a.key}"),
         "listen[0].tls.certificate: "                                                                                                              },
        {"a missing file of a list",
         listener("tls: {certificates: [{certificate: a.crt, key: no.key}]}"),
         "listen[0].tls.certificates[0].key: "                                                                                                      },
        {"a missing authority",
         listener("tls: {certificate: a.crt, key: a.key, client_certificates: {ca: no.crt}}"),
         "listen[0].tls.client_certificates.ca: "                                                                                                   },
        {"an old version",           listener("tls: {certificate: a.crt, key: a.key, min_version: '1.1'}"),
         "listen[0].tls.min_version: "                                                                                                              },
        {"a redirect",               two,                                                                      ""                                   },
        {"a redirect to a port",
         "listen: [{address: '127.0.0.1:1', " + tls +
             "}, {address: '127.0.0.1:2', redirect_to_https: {port: 443}}]\n",                                 ""                                   },
        {"a redirect that is off",   listener("redirect_to_https: false"),                                     ""                                   },
        {"a redirect to no port",
         "listen: [{address: '127.0.0.1:1', " + tls +
             "}, {address: '127.0.0.1:2', redirect_to_https: {port: 70000}}]\n",                               "listen[1].redirect_to_https.port: " },
        {"a redirect to itself",     listener(tls + ", redirect_to_https: true"),
         "listen[0].redirect_to_https: is for plain listeners"                                                                                      },
        {"a redirect to nowhere",    listener("redirect_to_https: true"),
         "listen[0].redirect_to_https: leads nowhere"                                                                                               },
        {"preload",                  two + "hsts: {max_age: 365d, include_subdomains: true, preload: true}\n", ""                                   },
        {"preload of a week",
         two + "hsts: {max_age: 7d, include_subdomains: true, preload: true}\n",
         "hsts.preload: needs"                                                                                                                      },
        {"preload of one name",      two + "hsts: {max_age: 365d, preload: true}\n",
         "hsts.preload: needs"                                                                                                                      },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        if (*row.error == '\0')
            EXPECT_EQ(judged(row.yaml), "");
        else
            EXPECT_THAT(judged(row.yaml), StartsWith(row.error));
    }
}

TEST_F(TlsSettingsTest, BringWhatStandsInTheFiles)
{
    const auto loaded =
        load(listener("tls: {certificate: a.crt, key: a.key, certificates: "
                      "[{certificate: b.crt, key: b.key}], client_certificates: {ca: ca.crt}}"));
    ASSERT_THAT(loaded.errors, IsEmpty());
    const auto& tls = *loaded.settings.listen[0].tls;
    ASSERT_EQ(tls.pairs.size(), 2U);
    EXPECT_EQ(tls.pairs[0].chain_pem, "a.crt");
    EXPECT_EQ(tls.pairs[1].key_pem.reveal(), "b.key");
    EXPECT_EQ(tls.client_certificates->ca_pem, "ca.crt");
    EXPECT_EQ(loaded.files.size(), 5U);
}

TEST_F(TlsSettingsTest, AreOthersWhenAFileIs)
{
    const auto yaml = listener("tls: {certificate: a.crt, key: a.key, client_certificates: "
                               "{ca: ca.crt}}");
    const auto before = load(yaml).settings;
    auto same = load(yaml).settings;
    EXPECT_THAT(settle_differences(before, same).take_effect, IsEmpty());
    for (const auto* file : {"a.crt", "a.key", "ca.crt"}) {
        SCOPED_TRACE(file);
        write(file, "new");
        auto changed = load(yaml).settings;
        EXPECT_THAT(settle_differences(before, changed).take_effect, ElementsAre("listen[0].tls"));
        write(file, file);
    }
}

} // namespace
} // namespace gatehouse::config
