#include "gateway/api/form_body.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

/// "name|value" for each parameter with a space behind it, or the error.
std::string read(std::string_view body)
{
    const auto form = read_form(body);
    if (!form) return std::string(to_string(form.error()));
    std::string text;
    for (const auto& [name, value] : form->parameters) text += name + "|" + value + " ";
    return text;
}

TEST(FormBody, IsReadStrictly)
{
    using std::string_view_literals::operator""sv;

    struct Case {
        std::string_view body;
        std::string_view expected;
    };

    const Case cases[] = {
        {"",                           ""                           },
        {"user=ann&pwd=correct+horse", "user|ann pwd|correct horse "},
        {"a=",                         "a| "                        },
        {"a=b=c",                      "a|b=c "                     },
        {"a=1;b=2",                    "a|1;b=2 "                   }, // `;` separates nothing
        {"a=%2B%26%3D%25",             "a|+&=% "                    },
        {"a=%c3%A9",                   "a|\u00e9 "                  },
        {"%61=1",                      "a|1 "                       },
        {"a+b=1",                      "a b|1 "                     },
        {"a=%00",                      "a|\0 "sv                    },
        {"A=1&a=2",                    "A|1 a|2 "                   },
        {"&",                          "not name=value"             },
        {"a=1&",                       "not name=value"             },
        {"&a=1",                       "not name=value"             },
        {"a=1&&b=2",                   "not name=value"             },
        {"a",                          "not name=value"             },
        {"=1",                         "not name=value"             },
        {"{\"user\":\"ann\"}",         "not name=value"             },
        {"a=%",                        "bad escape"                 },
        {"a=%4",                       "bad escape"                 },
        {"a=%4&b=1",                   "bad escape"                 },
        {"a=%gg",                      "bad escape"                 },
        {"a=%u0041",                   "bad escape"                 },
        {"%=1",                        "bad escape"                 },
        {"a=b c",                      "unescaped byte"             },
        {"a=b\tc",                     "unescaped byte"             },
        {"a=b\r\n",                    "unescaped byte"             },
        {"a=b\0c"sv,                   "unescaped byte"             },
        {"a=b\x7f",                    "unescaped byte"             },
        {"a=\xc3\xa9",                 "unescaped byte"             },
        {"a=%ff",                      "bad UTF-8"                  },
        {"a=%c3",                      "bad UTF-8"                  },
        {"a=%c0%80",                   "bad UTF-8"                  }, // a NUL written too long
        {"a=%ed%a0%80",                "bad UTF-8"                  }, // half of a pair of surrogates
        {"%ff=1",                      "bad UTF-8"                  },
        {"a=1&a=1",                    "duplicate parameter"        },
        {"a=1&b=2&%61=3",              "duplicate parameter"        },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.body);
        EXPECT_EQ(read(c.body), c.expected);
    }
}

TEST(FormBody, HasABoundedNumberOfParameters)
{
    std::string body;
    for (std::size_t i = 0; i < most_form_parameters; ++i) {
        body += (i == 0 ? "p" : "&p") + std::to_string(i) + "=x";
    }
    ASSERT_TRUE(read_form(body));
    EXPECT_EQ(read_form(body)->parameters.size(), most_form_parameters);
    EXPECT_EQ(read(body + "&one=more"), "too many parameters");
}

TEST(FormBody, IsFoundByName)
{
    const auto form = read_form("token=t&token_type_hint=");
    ASSERT_TRUE(form);
    ASSERT_NE(form->find("token"), nullptr);
    EXPECT_EQ(*form->find("token"), "t");
    ASSERT_NE(form->find("token_type_hint"), nullptr);
    EXPECT_EQ(*form->find("token_type_hint"), "");
    EXPECT_EQ(form->find("Token"), nullptr);
}

TEST(FormBody, HasAContentType)
{
    EXPECT_TRUE(is_form_type("application/x-www-form-urlencoded"));
    EXPECT_TRUE(is_form_type(" Application/X-WWW-Form-Urlencoded ; charset=UTF-8"));
    for (const auto* other : {"", "application/json", "multipart/form-data", "text/plain",
                              "application/x-www-form-urlencoded2"}) {
        EXPECT_FALSE(is_form_type(other)) << other;
    }
}

} // namespace
} // namespace gatehouse::gateway
