#include "config/templates/text_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

/// A template in a form that a table can show: names in angle brackets.
std::string shown(const TextTemplate& text)
{
    std::string out;
    for (const auto& part : text.parts) {
        switch (part.kind) {
        case TemplatePart::Kind::literal:
            out += part.text;
            break;
        case TemplatePart::Kind::variable:
            out.append("<").append(word_for(part.variable)).append(">");
            break;
        case TemplatePart::Kind::claim:
            out += "<claim " + part.text + ">";
            break;
        case TemplatePart::Kind::capture:
            out += "<" + std::to_string(part.capture) + ">";
            break;
        }
    }
    return out;
}

struct Case {
    const char* text;
    const char* expected; // or a part of what is wrong
};

TEST(TextTemplate, IsTextWithNamesInBraces)
{
    const Case cases[] = {
        {"plain",                            "plain"                           },
        {"{user.id}",                        "<user.id>"                       },
        {"id={user.id};at={client.address}", "id=<user.id>;at=<client.address>"},
        {"{claim:org.plan}",                 "<claim org.plan>"                },
        {"{claim:a\\.b.c}",                  "<claim a\\.b.c>"                 },
        {"/{1}/x/{rest}",                    "/<1>/x/<0>"                      },
        {"{{user.id}}",                      "{user.id}"                       },
        {"a}}b{{c",                          "a}b{c"                           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto read = parse_template(c.text);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(shown(*read), c.expected);
    }
}

TEST(TextTemplate, SaysWhatCannotBeRead)
{
    const Case cases[] = {
        {"{user}",      "nothing is called \"{user}\""},
        {"{User.Id}",   "nothing is called"           },
        {"{user.id",    "a brace is not closed"       },
        {"user.id}",    "closed that was not opened"  },
        {"{}",          "nothing is called"           },
        {"{0}",         "nothing is called"           },
        {"{10}",        "nothing is called"           },
        {"{claim:}",    "is not the path of a claim"  },
        {"{claim:a..}", "is not the path of a claim"  },
        {"{ user.id }", "nothing is called"           },
        {"${HOME}",     "nothing is called"           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto read = parse_template(c.text);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr(c.expected));
        EXPECT_FALSE(read.error().hint.empty());
    }
}

TEST(PathTemplate, TakesWhatAPathIsMadeOf)
{
    for (const auto* text : {"/", "/v2/{rest}", "/v2{path}", "{path}", "/a/{1}.json", "/%40{1}",
                             "/{rest}/end", "/{1}{2}"}) {
        EXPECT_TRUE(parse_path_template(text)) << text;
    }
    const Case cases[] = {
        {"v2/{rest}",     "does not begin with /"    },
        {"//evil/{rest}", "\"//\" is never in a path"},
        {"/a/../{rest}",  "dot segments"             },
        {"/./{rest}",     "dot segments"             },
        {"/a/{path}",     "\"//\" is never in a path"},
        {"/a?x={1}",      "\"?\" cannot stand"       },
        {"/a#{1}",        "\"#\" cannot stand"       },
        {"/a;x={1}",      "\";\" cannot stand"       },
        {"/a%2f{1}",      "\"%2f\" is refused"       },
        {"/a%2{1}",       "is not an escape"         },
        {"/a%{1}",        "is not an escape"         },
        {"/a\\{1}",       "cannot stand"             },
        {"/a/*",          "a star cannot stand here" },
        {"/a\r\nX: y",    "control character"        },
        {"/{host}",       "a path may hold"          },
        {"/{query}",      "a path may hold"          },
        {"/{claim:sub}",  "a path may hold"          },
        {"/{user.id}",    "a path may hold"          },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto read = parse_path_template(c.text);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr(c.expected));
    }
}

TEST(RedirectTemplate, KeepsTheHostApart)
{
    struct Good {
        const char* text;
        const char* origin;
        const char* path;
        const char* query; // null: there is none
    };

    const Good good[] = {
        {"/new/{rest}",                           "",                        "/new/<0>", nullptr           },
        {"{path}",                                "",                        "<path>",   nullptr           },
        {"https://new.example.com",               "https://new.example.com", "",         nullptr           },
        {"https://new.example.com/",              "https://new.example.com", "/",        nullptr           },
        {"https://new.example.com{path}?{query}", "https://new.example.com", "<path>",   "<query>"         },
        {"http://{host}:8080/a/{1}",              "http://<host>:8080",      "/a/<1>",   nullptr           },
        {"https://www.{host}{path}",              "https://www.<host>",      "<path>",   nullptr           },
        {"/search?from=old&{query}",              "",                        "/search",  "from=old&<query>"},
    };
    for (const auto& c : good) {
        SCOPED_TRACE(c.text);
        const auto read = parse_redirect(c.text);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(shown(read->origin), c.origin);
        EXPECT_EQ(shown(read->path), c.path);
        EXPECT_EQ(read->has_query, c.query != nullptr);
        if (c.query != nullptr) EXPECT_EQ(shown(read->query), c.query);
    }
    const Case bad[] = {
        {"//evil.example/{rest}",             "a path or to a URL"  },
        {"evil.example",                      "a path or to a URL"  },
        {"javascript:alert(1)",               "a path or to a URL"  },
        {"{rest}",                            "a path or to a URL"  },
        {"https:/{rest}",                     "a path or to a URL"  },
        {"https://{rest}",                    "may not choose where"},
        {"https://{1}.example.com/",          "may not choose where"},
        {"https://example.com{rest}",         "may not choose where"},
        {"https://{claim:home}/",             "may not choose where"},
        {"https://example.com@evil.example/", "no host"             },
        {"https://example.com\\evil/",        "no host"             },
        {"https://",                          "no host"             },
        {"https://a..example/",               "no host"             },
        {"https://example.com:99999/",        "no host"             },
        {"https://example.com:{1}/",          "may not choose where"},
        {"https:///a",                        "no host"             },
        {"https://example.com?x",             "no host"             },
        {"/a?x={path}",                       "a query may hold"    },
        {"/a?x#y",                            "a query may hold"    },
        {"/a?\r\nSet-Cookie: a=b",            "a query may hold"    },
        {"/a/%2e%2e/{rest}",                  "dot segments"        },
    };
    for (const auto& c : bad) {
        SCOPED_TRACE(c.text);
        const auto read = parse_redirect(c.text);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr(c.expected));
    }
}

} // namespace
} // namespace gatehouse::config
