#include "config/settings/log.hpp"
#include "gateway/observe/secret_mask.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

const std::string jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl-_c2lnbmF0dXJl";
const std::string key =
    "gh_5tQb0xWkPz3sEoLdQb7Tn0_Zs8s1q2w3e4r5t6y7u8i9o0pA1S2D3F4G5H6J7K8L9a_Ab-d_1";

SecretMask usual()
{
    return SecretMask(config::LogSettings{}.mask);
}

using Append = void (SecretMask::*)(std::string&, std::string_view) const;

std::string masked(Append append, std::string_view text)
{
    std::string out = "before|";
    (usual().*append)(out, text);
    return out.substr(7);
}

struct Case {
    std::string given;
    std::string expected;
};

TEST(SecretMask, HidesValuesOfNamesInQueries)
{
    const Case cases[] = {
        {"",                                     ""                        },
        {"a=1&b=2",                              "a=1&b=2"                 },
        {"access_token=abc",                     "access_token=***"        },
        {"a=1&Access-Token=abc&b=2",             "a=1&Access-Token=***&b=2"},
        {"accessToken=abc",                      "accessToken=***"         },
        {"%61ccess%5Ftoken=abc",                 "%61ccess%5Ftoken=***"    },
        {"user[password]=hunter2",               "user[password]=***"      },
        {"form.pwd=hunter2",                     "form.pwd=***"            },
        {"code=4/0AX&state=xyz",                 "code=***&state=xyz"      },
        {"X-Amz-Signature=abc",                  "X-Amz-Signature=***"     },
        {"token=a=b=c",                          "token=***"               },
        {"token=a;b&c=1",                        "token=***&c=1"           },
        {"token=",                               "token="                  },
        {"tokens=12&keyboard=us",                "tokens=12&keyboard=us"   },
        {"a=1;token=abc",                        "a=***"                   },
        {"a;token=abc",                          "a;token=***"             },
        {"next=%2Fcb%3Ftoken%3Dabc",             "next=***"                },
        {"next=%252Fcb%253Ftoken%253Dabc",       "next=***"                },
        {"q=%7B%22password%22%3A%22hunter2%22}", "q=***"                   },
        {"q=" + jwt,                             "q=***"                   },
        {"q=" + key,                             "q=***"                   },
        {jwt,                                    "***"                     },
        {jwt + "=1",                             "***=1"                   },
        {"&&=&a",                                "&&=&a"                   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.given);
        EXPECT_EQ(masked(&SecretMask::append_query, c.given), c.expected);
    }
}

TEST(SecretMask, HidesCredentialsInPaths)
{
    const Case cases[] = {
        {"/orders/1", "/orders/1"},
        {"/", "/"},
        {"/reset/" + jwt + "/now", "/reset/***/now"},
        {"/k/" + key, "/k/***"},
        {"/k/x" + key.substr(0, 40), "/k/***"},
        {"/orders;token=abc/1", "/orders;***/1"},
        {"/orders;v=1;token=abc", "/orders;***"},
        {"/orders;v=1", "/orders;v=1"},
        {"/a/token=abc/b", "/a/***/b"},
        {"/t/eyAidHlwIjogIkpXVCJ9.e30.c2ln/", "/t/***/"},
        {"/t/ewoiYWxnIjoiRVMyNTYifQ.e30.c2ln/", "/t/***/"},
        {"/t/ew0KImFsZyI6IkVTMjU2In0.e30.c2ln/", "/t/***/"},
        {"/t/ewkiYWxnIjoiRVMyNTYifQ.e30.c2ln/", "/t/***/"},
        {"/eyJhbGciOiJFUzI1NiJ9/eyJ.x/", "/eyJhbGciOiJFUzI1NiJ9/eyJ.x/"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.given);
        EXPECT_EQ(masked(&SecretMask::append_path, c.given), c.expected);
    }
}

TEST(SecretMask, HidesCredentialsInUrls)
{
    const Case cases[] = {
        {"https://app.example/a?b=1",              "https://app.example/a?b=1"              },
        {"https://app.example/a?token=abc&b=1",    "https://app.example/a?token=***&b=1"    },
        {"https://ann:secret@app.example/",        "https://***@app.example/"               },
        {"https://app.example/cb#access_token=ab", "https://app.example/cb#access_token=***"},
        {jwt + " https://app.example/a",           "*** https://app.example/a"              },
        {"Bearer abc https://app.example/a",       "Bearer *** https://app.example/a"       },
        {"no url, token=abc",                      "***"                                    },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.given);
        EXPECT_EQ(masked(&SecretMask::append_url, c.given), c.expected);
    }
}

TEST(SecretMask, HidesCredentialsInTexts)
{
    const Case cases[] = {
        {"Mozilla/5.0 (X11; Linux)",              "Mozilla/5.0 (X11; Linux)"    },
        {"agent " + jwt + " more",                "agent *** more"              },
        {"agent/" + key,                          "agent/***"                   },
        {"Authorization: Bearer opaque-token, x", "Authorization: Bearer ***, x"},
        {"BASIC YTpi",                            "BASIC ***"                   },
        {"host=db password=hunter2 port=1",       "host=db password=*** port=1" },
        {"password='hunter2' x",                  "password=***' x"             },
        {R"({"password":"hunter2","a":1})",       R"({"password":***","a":1})"  },
        {"postgres://ann:hunter2@db:5432/x",      "postgres://***@db:5432/x"    },
        {"at 12:00:00 error code: 5",             "at 12:00:00 error code: 5"   },
        {"eyJ eyJhbGci eyJeyJeyJ.",               "eyJ eyJhbGci ***"            },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.given);
        EXPECT_EQ(masked(&SecretMask::append_text, c.given), c.expected);
    }
}

TEST(SecretMask, LooksForTheNamesOfItsChoice)
{
    const std::vector<std::string> names{"Ticket-Id"};
    std::string out;
    SecretMask(names).append_query(out, "ticket_id=1&token=2");
    EXPECT_EQ(out, "ticket_id=***&token=2");
    out.clear();
    SecretMask({}).append_query(out, "token=" + jwt);
    EXPECT_EQ(out, "token=***") << "what looks like a token is one under every name";
}

/// A client cannot make the log expensive: the work grows with the text and not with its square.
TEST(SecretMask, TakesTimeInProportionToTheText)
{
    for (const std::string piece : {"eyJ", "gh_", "a=", "://", "%25", "token", "\""}) {
        std::string text;
        while (text.size() < 200'000) text += piece;
        const auto begin = std::chrono::steady_clock::now();
        for (const auto append : {&SecretMask::append_query, &SecretMask::append_path,
                                  &SecretMask::append_url, &SecretMask::append_text}) {
            EXPECT_FALSE(masked(append, text).empty());
        }
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{5}) << piece;
    }
}

} // namespace
} // namespace gatehouse::gateway
