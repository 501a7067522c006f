#include "config/forms/pattern.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

namespace gatehouse::config {
namespace {

struct Case {
    const Form& form;
    std::vector<const char*> good;
    std::vector<const char*> bad; // for the check; the pattern finds at least these
};

const Case cases[] = {
    {forms::word,            {"a", " ", "\n", "\xC3\xA4"},                                  {""}                       },
    {forms::file_path,       {"a", "/run/secrets/x", "../b c"},                             {""}                       },
    {forms::listen_address,
     {"127.0.0.1:8080", "[::]:8080", "[::ffff:1.2.3.4]:1", "localhost:0", "0.0.0.0:65535"},
     {"8080", "example.com:80", "::1:80", ":80", "127.0.0.1:"}                                                         },
    {forms::store,
     {"memory", "sqlite:a b.db", "sqlite:/x", "postgres://u@h/d", "postgresql://h/d"},
     {"sqlite:", "mysql://h/d", "redis://h", "memory2"}                                                                },
    {forms::postgres_url,    {"postgres://u@h/d", "postgresql://h/d"},                      {"h/d", "mysql://h"}       },
    {forms::network,
     {"10.0.0.0/8", "::1", "fd00::/8", "::ffff:10.0.0.0/104", "1.2.3.4"},
     {"10.0.0.0/", "local", ""}                                                                                        },
    {forms::api_prefix,      {"/auth", "/a/b-c_d.~"},                                       {"auth", ""}               },
    {forms::path_prefix,     {"/api", "/a%40b"},                                            {"api", ""}                },
    {forms::content_coding,  {"zstd", "br", "gzip"},                                        {"", "deflate", "GZIP"}    },
    {forms::media_range,
     {"text/html", "text/*", "application/*+json", "a.b/c-d+e"},
     {"", "text", "*/*"}                                                                                               },
    {forms::path_pattern,    {"/**", "/", "/a/*/b", "/%2A"},                                {"a", ""}                  },
    {forms::cookie_path,     {"/", "/auth"},                                                {"auth", ""}               },
    {forms::method,          {"GET", "M-SEARCH", "X!1"},                                    {"get", "Post", ""}        },
    {forms::header_name,     {"X-User-Id", "x_1", "!#$%&'*+-.^_`|~"},                       {"a b", "a:", ""}          },
    {forms::identity_header, {"X-User-Id", "X_Who"},                                        {"a b", ""}                },
    {forms::call_place,      {"POST /login", "GET /a.b/c"},                                 {"POST", "HEAD /a", "/a"}  },
    {forms::origin,          {"https://app.example.com", "http://localhost:5173"},          {"app.example.com", "*"}   },
    {forms::origin_or_star,  {"*", "https://app.example.com"},                              {"**", "app"}              },
    {forms::collector_url,
     {"http://127.0.0.1:4318", "https://x.example/otlp/v1", "http://[::1]:4318/"},
     {"x:4318", "http://u:p@x", "http://x/?k=1", "http://"}                                                            },
    {forms::endpoint,
     {"http://a", "http://[::1]:80", "http://a_b.c:1", "https://a", "https://[::1]:8443",
      "unix:/run/app.sock"},
     {"a:80", "http://a/b", "http://", "https://a/b", "unix:", "unix:app.sock"}                                        },
    {forms::hash_key,
     {"user", "session", "address", "header:X-Tenant"},
     {"users", "header:", "header:a b", ""}                                                                            },
    {forms::dns_server,      {"127.0.0.1:53", "localhost:5353"},                            {"dns:53", "127.0.0.1", ""}},
    {forms::target,          {"orders", "a.b_c-1", "http://a:80", "unix:/a"},               {"a b", "http://a/b", ""}  },
    {forms::server_name,     {"orders.internal", "10.0.0.7", "fd00::7"},                    {"a b", "a/b", ""}         },
    {forms::upstream_name,   {"orders", "a.b_c-1"},                                         {"a/b", ""}                },
    {forms::rate_by,
     {"user", "session", "address", "route", "header:X-Tenant"},
     {"header:", "header:a b", "ip", ""}                                                                               },
    {forms::rate_name,       {"per-user", "a.b_c-1"},                                       {"a b", ""}                },
    {forms::route_name,      {"orders", "a.b_c-1"},                                         {"a/b", ""}                },
    {forms::role,            {"admin", "2001", "a.b:c-d_e"},                                {"a b", ""}                },
    {forms::scope,           {"orders.read", "!", "~[]", "a/b:c"},                          {"a b", "a\"", "a\\", ""}  },
    {forms::request_target,  {"/", "/healthz?deep=1&a=b"},                                  {"a", "", "http://a/"}     },
    {forms::status_range,    {"200", "2xx", "200-399", "599"},                              {"99", "1xx", "abc"}       },
    {forms::retry_cause,     {"connect", "timeout", "503"},                                 {"500", "Reset", ""}       },
};

bool finds(const Form& form, const char* text)
{
    return std::regex_search(text, std::regex{std::string{pattern_of(form)}});
}

TEST(FormPattern, MatchesWhatTheFormTakes)
{
    for (const auto& c : cases) {
        SCOPED_TRACE(pattern_of(c.form));
        ASSERT_FALSE(pattern_of(c.form).empty());
        for (const auto* text : c.good) {
            EXPECT_FALSE(c.form.check(text).has_value()) << text;
            EXPECT_TRUE(finds(c.form, text)) << text;
        }
    }
}

TEST(FormPattern, ShowsTheCommonMistakes)
{
    for (const auto& c : cases) {
        SCOPED_TRACE(pattern_of(c.form));
        for (const auto* text : c.bad) {
            EXPECT_TRUE(c.form.check(text).has_value()) << text;
            EXPECT_FALSE(finds(c.form, text)) << text;
        }
    }
}

TEST(FormPattern, IsEmptyWhereNoneIsKnown)
{
    EXPECT_EQ(pattern_of(forms::claim_path), "");
    const Form other{"another form", forms::word.check};
    EXPECT_EQ(pattern_of(other), "");
}

} // namespace
} // namespace gatehouse::config
