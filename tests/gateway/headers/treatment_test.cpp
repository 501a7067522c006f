// What a route changes of the headers that pass.
#include "auth/tokens/told_claims.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/headers/field_template.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/http/trailer_rules.hpp"
#include "tests/gateway/headers/upstream_head_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class TreatedHead : public UpstreamHead {
protected:
    std::string treated(const RequestHead& head)
    {
        route_settings.match = "/";
        treatment.emplace(route_settings, settings, HeaderPolicy{settings});
        route.treatment = &*treatment;
        return write(head);
    }

    std::vector<std::string> changed(std::vector<Field> fields)
    {
        auto all = lines(treated(request("GET", "/p", std::move(fields))));
        const auto added = std::ranges::find_if(
            all, [](const auto& line) { return line.starts_with("X-Request-Id: req-1"); });
        return {all.begin() + 2, added};
    }

    void tell(std::string path, std::vector<std::string> values)
    {
        auto told = std::make_shared<auth::ToldClaims>();
        told->claims.push_back({std::move(path), std::move(values)});
        user.told = told;
        principal = &user;
    }

    config::HeaderChanges& changes() { return route_settings.request_headers.emplace(); }

    std::optional<Treatment> treatment;
    const config::CertificateHeaders told_in; // no header of its own
};

TEST_F(TreatedHead, SetsAddsAndRemoves)
{
    auto& wanted = changes();
    wanted.set = {
        {"X-Set",         "ours"     },
        {"Authorization", "Basic abc"}
    };
    wanted.add = {
        {"X-Added", "more"}
    };
    wanted.remove = {"X-Gone"};
    EXPECT_THAT(changed({
                    {"x-set",         "theirs"    },
                    {"X_Set",         "theirs too"}, // headers.changed_spellings
                    {"X-Added",       "first"     },
                    {"X.Gone",        "a"         },
                    {"Authorization", "Bearer x"  },
                    {"X-Kept",        "b"         }
    }),
                ElementsAre("X-Added: first", "X-Kept: b", "X-Set: ours",
                            "Authorization: Basic abc", "X-Added: more"));
}

TEST_F(TreatedHead, TellsOfTheRequest)
{
    principal = &user;
    query = "?q=%41&r";
    route_settings.name = "orders";
    ClientCertificate is;
    is.subject = "CN=a,O=b";
    is.issuer = "CN=c";
    is.fingerprint = "00ff";
    is.serial = "0A";
    is.dns = {"a.test", "b.test"};
    is.uri = {"spiffe://a"};
    is.email = {"a@b.test"};
    const ShownCertificate shown(std::move(is), &told_in);
    certificate = &shown;
    auto& wanted = changes();
    for (const auto& word : words(config::Variable{}))
        wanted.set.push_back(
            {"X-" + std::to_string(wanted.set.size()), "{" + std::string(word.text) + "}"});
    EXPECT_THAT(changed({}),
                ElementsAre("X-0: user-1", "X-1: session-1", "X-2: req-1", "X-3: 192.0.2.7",
                            "X-4: GET", "X-5: http", "X-6: client.example", "X-7: /p",
                            "X-8: q=%41&r", "X-9: orders", "X-10: CN=a,O=b", "X-11: CN=c",
                            "X-12: 00ff", "X-13: 0A", "X-14: a.test,b.test", "X-15: spiffe://a",
                            "X-16: a@b.test"));
}

TEST_F(TreatedHead, TellsOfACertificateAllOrNothing) // headers.certificate_lists, R20
{
    struct Case {
        const char* name;
        std::string subject;
        std::vector<std::string> dns;
        const config::CertificateHeaders* told_in;
        const char* expected; // "": the header is left out
    };

    const std::vector<std::string> names{"a.test", "b.test"};
    const Case cases[] = {
        {"what it says",                     "CN=a", names,                     &told_in, "X-Cert: CN=a at a.test,b.test"},
        {"one that could be two",            "CN=a", {"a.test", "x,root.test"}, &told_in, ""                             },
        {"one with a blank",                 "CN=a", {"a.test root.test"},      &told_in, ""                             },
        {"one that names nobody",            "",     names,                     &told_in, ""                             },
        {"one that is for nothing",          "CN=a", {},                        &told_in, ""                             },
        {"of a listener that asks for none", "CN=a", names,                     nullptr,  ""                             },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        ClientCertificate is;
        is.subject = c.subject;
        is.dns = c.dns;
        const ShownCertificate shown(std::move(is), c.told_in);
        certificate = &shown;
        principal = &user; // who is known by a token has shown no certificate
        changes().set = {
            {"X-Cert", "{certificate.subject} at {certificate.dns}"}
        };
        const auto all = changed({
            {"X-Cert", "CN=root at root.test"}, // what a client says is gone either way
            {"x_cert", "CN=root"             }
        });
        EXPECT_EQ(all, *c.expected == '\0' ? std::vector<std::string>{}
                                           : std::vector<std::string>{c.expected});
    }
}

TEST_F(TreatedHead, LeavesOutWhatIsNotKnown)
{
    changes().set = {
        {"X-User",  "id {user.id}"  },
        {"X-Claim", "{claim:plan}"  },
        {"X-Query", "{query}"       },
        {"X-Both",  "{path}?{query}"},
        {"X-Plain", "a"             }
    };
    EXPECT_THAT(changed({
                    {"X-User",  "root"}, // what a client says in their place goes all the same
                    {"X_Claim", "pro" }
    }),
                ElementsAre("X-Both: /p?", "X-Plain: a"));
}

TEST_F(TreatedHead, TellsOfNoSessionWhereThereIsNone)
{
    auth::Principal keyed{"user-1", "", {}, {}};
    keyed.api_key = "key-1";
    principal = &keyed;
    changes().set = {
        {"X-Who",     "{user.id}"             },
        {"X-Session", "{session.id}"          },
        {"X-Both",    "{user.id}/{session.id}"}
    };
    EXPECT_THAT(changed({
                    {"X-Session", "session-1"}
    }),
                ElementsAre("X-Who: user-1"));
}

TEST_F(TreatedHead, WritesNoValueThatIsMoreThanOne) // headers.template_text
{
    struct Case {
        const char* name;
        std::vector<std::string> values;
        bool sent;
    };

    const Case cases[] = {
        {"one",             {"pro"},                  true },
        {"a line end",      {"a\r\nX-User-Id: root"}, false},
        {"a bare line end", {"a\nb"},                 false},
        {"nothing",         {},                       false},
        {"an empty text",   {""},                     false},
        {"two",             {"a", "b"},               false},
        {"a zero",          {std::string("a\0b", 3)}, false},
        {"a tab",           {"a\tb"},                 false},
        {"obs-text",        {"Zo\xc3\xab"},           false},
        {"delete",          {"a\x7f"},                false},
        {"a blank before",  {" a"},                   false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        changes().set = {
            {"X-Plan", "plan={claim:org.plan}"}
        };
        tell("org.plan", c.values);
        const auto head = treated(request("GET", "/p", {}));
        EXPECT_EQ(head.find("X-Plan: plan=pro\r\n") != head.npos, c.sent);
        EXPECT_EQ(head.find("X-Plan") != head.npos, c.sent);
        EXPECT_THAT(head, Not(HasSubstr("root")));
    }
}

TEST_F(TreatedHead, StillEndsWithTheIdentity)
{
    principal = &user;
    changes().add = {
        {"X-Last", "a"}
    };
    const auto head = treated(request("GET", "/p", {}));
    EXPECT_THAT(head, testing::EndsWith("X-User-Id: user-1\r\n\r\n"));
}

TEST_F(TreatedHead, KeepsTrailersOfThoseNamesOut) // headers.changed_trailers
{
    changes().set = {
        {"X-Tenant", "a"}
    };
    (void)treated(request("GET", "/p", {}));
    EXPECT_FALSE(may_be_trailer("x_tenant", treatment->request_trailers));
    EXPECT_TRUE(may_be_trailer("x_tenant", treatment->response_trailers));
    EXPECT_TRUE(may_be_trailer("X-Sum", treatment->request_trailers));
}

TEST_F(TreatedHead, SendsTheRewrittenPathWithTheQueryAsItCame)
{
    const auto head = request("GET", "/p", {});
    const HeaderPolicy policy{settings};
    const ClientRules clients{settings};
    const Forwarding forwarding{
        policy, ids, {"192.0.2.7", false, false},
          clients, "req-1", "10.0.0.1:8080", body
    };
    Admission admission{&route, "/p", "?a=/../%2f", nullptr};
    admission.rewritten = "/v2/p";
    const auto text =
        written([&](HeadWriter& out) { write_upstream_head(out, head, admission, forwarding); });
    EXPECT_THAT(text, testing::StartsWith("GET /v2/p?a=/../%2f HTTP/1.1\r\n"));
}

/// An answer of an upstream on its way through a route.
class TreatedAnswer : public testing::Test {
protected:
    std::string answer(std::vector<Field> fields, unsigned status = 200)
    {
        config::Settings settings;
        route_settings.match = "/a";
        const Treatment treatment(route_settings, settings, HeaderPolicy{settings});
        const Route route{&route_settings, 0, 0, &treatment};
        const Admission admission{&route, "/a", "", nullptr};
        const auto head = request("GET", "/a", {});
        const ClientRules clients{settings};
        const TemplateFacts facts{
            head, admission, {"192.0.2.7", false, false},
              clients, "req-1"
        };
        const AnswerChanges changes{treatment.response, facts};
        Delivery delivery;
        delivery.body = {BodyKind::length, 0};
        delivery.date = "NOW";
        delivery.added = added;
        delivery.changes = &changes;
        delivery.security = treatment.security;
        ResponseHead response;
        response.status = status;
        response.reason = "OK";
        response.fields = std::move(fields);
        return written([&](HeadWriter& out) { write_downstream_head(out, response, delivery); });
    }

    config::RouteSettings route_settings;
    std::vector<std::pair<std::string, std::string>> added;
};

TEST_F(TreatedAnswer, IsChangedAsTheRouteSays)
{
    auto& wanted = route_settings.response_headers.emplace();
    wanted.set = {
        {"X-Id",          "{request.id}"},
        {"Cache-Control", "public"      }
    };
    wanted.add = {
        {"Link", "</a>"}
    };
    wanted.remove = {"Server"};
    const auto head = answer({
        {"Server",        "old"    },
        {"X_Id",          "theirs" },
        {"Link",          "</b>"   },
        {"cache-control", "private"}
    });
    EXPECT_EQ(head, "HTTP/1.1 200 OK\r\nLink: </b>\r\nDate: NOW\r\nX-Id: req-1\r\n"
                    "Cache-Control: public\r\nLink: </a>\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(TreatedAnswer, IsNotKeptWithASessionInIt) // R58
{
    route_settings.response_headers.emplace().set = {
        {"Cache-Control", "public, max-age=60"},
        {"Expires",       "later"             }
    };
    added = {
        {"Set-Cookie", "access_token=a"}
    };
    const auto head = answer({});
    EXPECT_THAT(head, Not(HasSubstr("public")));
    EXPECT_THAT(head, Not(HasSubstr("later")));
    EXPECT_THAT(head, HasSubstr("Cache-Control: no-store\r\n"));
}

TEST_F(TreatedAnswer, LosesWhatIsRemovedEvenBeforeItIsWhole)
{
    auto& wanted = route_settings.response_headers.emplace();
    wanted.set = {
        {"X-A", "a"}
    };
    wanted.remove = {"Server"};
    EXPECT_EQ(answer(
                  {
                      {"Server", "old"}
    },
                  103),
              "HTTP/1.1 103 OK\r\n\r\n");
}

TEST_F(TreatedAnswer, HasThePresetWhereItSaysNothingItself) // headers.preset_own_word
{
    route_settings.security_headers = config::SecurityHeaders::api;
    route_settings.response_headers.emplace().set = {
        {"Referrer-Policy", "origin"}
    };
    const auto head = answer({
        {"x-frame-options", "SAMEORIGIN"}
    });
    EXPECT_THAT(head, HasSubstr("x-frame-options: SAMEORIGIN\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("DENY")));
    EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Security-Policy: default-src 'none'"));
    EXPECT_THAT(head, HasSubstr("Referrer-Policy: origin\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("no-referrer")));
}

} // namespace
} // namespace gatehouse::gateway::test
