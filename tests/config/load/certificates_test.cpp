#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A gateway with a listener that takes certificates of clients, and one that is plain.
class ClientCertificates : public testing::Test {
protected:
    ClientCertificates()
    {
        for (const auto* name : {"a.crt", "a.key", "ca.crt"}) std::ofstream(folder / name) << name;
    }

    [[nodiscard]] Loaded load(const std::string& more, const std::string& auth) const
    {
        const auto yaml = "registration: closed\nlisten:\n"
                          "  - address: '127.0.0.1:1'\n"
                          "    tls: {certificate: a.crt, key: a.key" +
                          more +
                          "}\n"
                          "  - {address: '127.0.0.1:2'}\n"
                          "routes:\n  - {match: /a, to: 'http://a:1', auth: " +
                          auth + "}\n";
        return load_text(yaml, (folder / "gatehouse.yaml").string(), {});
    }

    const TemporaryFolder folder;
    const std::string taken = ", client_certificates: {ca: ca.crt, mode: optional}";
};

TEST_F(ClientCertificates, AreAskedForByARoute)
{
    const auto loaded = load(taken, "{certificate: {subject: ['CN=a,O=b\\, c'], dns: [a.test], "
                                    "serial: [0A1B]}, token: none}");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& route = loaded.settings.routes.front();
    EXPECT_EQ(route.auth, AuthMode::none);
    ASSERT_TRUE(route.certificate);
    EXPECT_THAT(route.certificate->subject, ElementsAre("CN=a,O=b\\, c"));
    EXPECT_THAT(route.certificate->dns, ElementsAre("a.test"));
    EXPECT_THAT(route.certificate->uri, IsEmpty());

    const auto told = load(taken, "required, request_headers: {set: {X-Who: "
                                  "'{certificate.subject}'}}");
    EXPECT_EQ(to_string(told.errors) + to_string(told.warnings), "");

    const auto any = load(taken, "{certificate: {}}");
    ASSERT_TRUE(any.ok()) << to_string(any.errors);
    EXPECT_EQ(any.settings.routes.front().auth, AuthMode::required);
    EXPECT_TRUE(any.settings.routes.front().certificate);
}

TEST_F(ClientCertificates, MakeSenseTogether)
{
    const std::string print(64, 'a');

    const struct {
        const char* name;
        std::string more;
        std::string auth;
        const char* error;
    } rows[] = {
        {"roles besides",          taken, "{certificate: {}, roles: [a]}",                                ""                                           },
        {"a token that may miss",  taken, "{certificate: {}, token: optional}",                           ""                                           },
        {"a fingerprint",          taken, "{certificate: {fingerprint: [" + print + "]}}",                ""                                           },
        {"one of openssl",         taken, "{certificate: {fingerprint: ['" + print.substr(2) + ":AB']}}",
         ""                                                                                                                                            },
        {"one of SHA-1",           taken, "{certificate: {fingerprint: [aabb]}}",                         "is not a SHA-256"                           },
        {"nobody has one",         "",    "{certificate: {}}",                                            "routes[0].auth.certificate: nobody can show"},
        {"roles of nobody",        taken, "{certificate: {}, token: none, roles: [a]}",
         "routes[0].auth.token: roles are asked"                                                                                                       },
        {"scopes of perhaps one",  taken, "{certificate: {}, token: optional, scopes: [a]}",
         "routes[0].auth.token: scopes are asked"                                                                                                      },
        {"claims of nobody",       taken, "{certificate: {}, token: none, claims: {sub: a}}",
         "routes[0].auth.token: claims are asked"                                                                                                      },
        {"nothing instead",        taken, "{token: none}",                                                "routes[0].auth.token: nothing is asked for" },
        {"a subject of openssl's", taken, "{certificate: {subject: ['CN=a, O=b']}}",
         "has blanks behind its commas"                                                                                                                },
        {"a subject in UTF-8",     taken, "{certificate: {subject: ['CN=J\u00f6rg']}}",
         "is not a distinguished name"                                                                                                                 },
        {"a bare name",            taken, "{certificate: {subject: [orders]}}",                           "is not a distinguished name"                },
        {"no subject",             taken, "{certificate: {subject: []}}",
         "routes[0].auth.certificate.subject: is empty"                                                                                                },
        {"a serial in words",      taken, "{certificate: {serial: [one]}}",                               "is not a serial number"                     },
        {"two names in one",       taken, "{certificate: {dns: ['a.test b.test']}}",
         "is in no certificate"                                                                                                                        },
        {"a slip of the pen",      taken, "{certificate: {subjects: ['CN=a']}}",
         "did you mean \"subject\""                                                                                                                    },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto errors = to_string(load(row.more, row.auth).errors);
        if (*row.error == '\0')
            EXPECT_EQ(errors, "");
        else
            EXPECT_THAT(errors, HasSubstr(row.error));
    }
}

TEST_F(ClientCertificates, AreToldInHeadersOfTheirOwn)
{
    const struct {
        const char* name;
        const char* headers;
        const char* error;
    } rows[] = {
        {"each its own",    "{subject: X-Cert-Subject, dns: X-Cert-Dns}", ""                             },
        {"two in one",      "{subject: X-Cert, dns: X_Cert}",             "is the name of another header"},
        {"the user's",      "{subject: x.user.id}",                       "is the name of another header"},
        {"the forwarded's", "{subject: X-Forwarded-Client-Cert}",         "already means something else" },
        {"one that frames", "{subject: Content-Length}",                  "already means something else" },
        {"no name",         "{subject: 'X Cert'}",                        "is not a header name"         },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const auto more =
            std::string(", client_certificates: {ca: ca.crt, headers: ") + row.headers + "}";
        const auto errors = to_string(load(more, "required").errors);
        if (*row.error == '\0')
            EXPECT_EQ(errors, "");
        else
            EXPECT_THAT(errors, HasSubstr(row.error));
    }
}

TEST_F(ClientCertificates, AreToldByTheSameNameOnSeveralListeners)
{
    const std::string tls = "tls: {certificate: a.crt, key: a.key, client_certificates: "
                            "{ca: ca.crt, headers: {subject: X-Cert}}}}\n";
    const auto loaded = load_text("listen:\n  - {address: '127.0.0.1:1', " + tls +
                                      "  - {address: '127.0.0.1:2', " + tls,
                                  (folder / "gatehouse.yaml").string(), {});
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
}

TEST_F(ClientCertificates, AreToldByNobodyElse)
{
    const std::string listen =
        "listen:\n  - {address: '127.0.0.1:1', tls: {certificate: a.crt, key: "
        "a.key, client_certificates: {ca: ca.crt, headers: {subject: "
        "X-Cert}}}}\n";
    for (const auto* const name : {"X-Cert", "x_cert"}) {
        const auto loaded = load_text(
            listen + "routes:\n  - {match: /a, to: 'http://a:1', request_headers: {set: {" + name +
                ": '{query}'}}}\n",
            (folder / "gatehouse.yaml").string(), {});
        EXPECT_THAT(to_string(loaded.errors), HasSubstr("says who asks")) << name;
    }
}

} // namespace
} // namespace gatehouse::config
