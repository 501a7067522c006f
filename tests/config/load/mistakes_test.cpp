#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

const std::string secret_a(32, 'a');
const std::string secret_b(32, 'b');

/// One text with exactly one mistake, and where its message has to point.
struct Mistake {
    const char* name;
    const char* text;
    const char* expected; // place, key and words
    Environment environment{};
};

void expect_one_error_each(std::span<const Mistake> mistakes)
{
    for (const auto& m : mistakes) {
        SCOPED_TRACE(m.name);
        const auto loaded = load_text(m.text, "g.yaml", m.environment);
        EXPECT_EQ(loaded.errors.size(), 1U) << to_string(loaded.errors);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(m.expected));
    }
}

TEST(Mistakes, InTheFormOfTheFile)
{
    const Mistake mistakes[] = {
        {"an unknown key",         "worker: 1",                                     "g.yaml:1:1: worker: unknown key"            },
        {"far from any key",       "zzzzzzz: 1",                                    "known here: listen, tls"                    },
        {"a duplicate",            "workers: 1\nworkers: 1",
         "g.yaml:2:1: workers: the key \"workers\" stands"                                                                       },
        {"a duplicate below",      "drain: {delay: 1s, delay: 1s}",                 "g.yaml:1:20: drain.delay"                   },
        {"an anchor",              "log: &a {format: dev}",                         "anchors are not supported"                  },
        {"an undefined alias",     "log: *a",                                       "this is not YAML"                           },
        {"a tag",                  "workers: !!int 3",                              "tags are not supported"                     },
        {"a tab",                  "log:\n\tformat: dev",                           "this is not YAML"                           },
        {"no value",               "workers:",                                      "g.yaml:1:9: workers: has no value"          },
        {"an empty section",       "log:\n",                                        "log: has no value"                          },
        {"one above another key",  "log:\nworkers: 1",                              "g.yaml:1:1: log: has no value"              },
        {"one above a comment",    "log:  # later\n\n# of our own\nworkers: 1",
         "g.yaml:1:1: log: has no value"                                                                                         },
        {"an item without value",  "trusted_proxies:\n  -\n  - 10.0.0.1",
         "g.yaml:2:3: trusted_proxies[0]: has no"                                                                                },
        {"a second document",      "workers: 1\n---\nworkers: 2",                   "a second document begins here"              },
        {"a list on top",          "- a",                                           "the file must be a map"                     },
        {"a word on top",          "hello",                                         "the file must be a map"                     },
        {"a map as key",           "{{a: b}: c}",                                   "a key must be a word"                       },
        {"a list for a section",   "log: [a]",                                      "log: expected a map of keys, found a list"  },
        {"a word for a list",      "trusted_proxies: 10.0.0.1",                     "trusted_proxies: expected a list"           },
        {"a map for a word",       "store: {a: b}",                                 "store: expected a single value, found a map"},
        {"bytes that are no text", "workers: \xff",                                 "g.yaml:1:10: this byte is not UTF-8"        },
        {"an overlong form",       "a: \xC0\x80",                                   "this byte is not UTF-8"                     },
        {"an escape sequence",     "a: \x1b[2J",                                    "a control character (0x1b)"                 },
        {"deep nesting",           "{a: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", "levels deep"                                },
        {"an open quote",          "a: \"b",                                        "this is not YAML"                           },
        {"merge keys",             "log: {<<: {format: dev}}",                      "unknown key \"<<\""                         },
    };
    expect_one_error_each(mistakes);
}

// The library sees no mistake in these files: all that follows would be a part of the value.
TEST(Mistakes, InQuotationMarksThatNobodyCloses)
{
    const Mistake mistakes[] = {
        {"before more lines", "store: memory\nlog: \"b\nworkers: 1\n",
         "g.yaml:2:6: log: the quotation"                                                              },
        {"an escaped one",    "workers: \"b\\\"\n\n",                  "g.yaml:1:10: workers: the"     },
        {"two for one",       "workers: 'it''s\n",                     "g.yaml:1:10: workers: the"     },
        {"in front of a key", "workers: 1\n'store: memory\n",          "g.yaml:2:1: the quotation mark"},
        {"of the last item",  "trusted_proxies:\n  - \"10.0.0.1\n",
         "g.yaml:2:5: trusted_proxies[0]"                                                              },
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InBracketsThatNobodyCloses)
{
    const Mistake mistakes[] = {
        {"at the end",      "workers: 1\nlog: {format: dev\n\n",
         "close the bracket that opens on line 2, column 6"                                                            },
        {"with more lines", "log: [\n  {format: dev},\n  {output: stdout}\nstore: memory\n",
         "close the bracket that opens on line 1, column 6"                                                            },
        {"before the next", "log: [\n  {format: dev},\n  {output: stdout,\n",                 "line 3, column 3"       },
        {"before another",  "log: {format: dev, fields: [path}\n",                            "line 1, column 28"      },
        {"in an item",      "routes:\n  - match: /a\n    auth: {roles: [b]\n  - match: /c\n",
         "line 3, column 11"                                                                                           },
        {"another item",    "log: [ - a ]\n",                                                 "hint: check indentation"},
        {"another mistake", "log: {format: \"dev\" dev}\n",                                   "hint: check indentation"},
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InTheKindOfAValueHaveAWayOut)
{
    const Mistake mistakes[] = {
        {"a word for a list of maps", "listen: 127.0.0.1:8080",
         "begin each item with a dash, and write `key: value` lines behind it"                      },
        {"words in it",               "listen: [127.0.0.1:8080]",
         "write `key: value` lines, indented; known here: address, "                                },
        {"a word for a section",      "hsts: on",                 "known here: max_age"             },
        {"a list for names",          "upstreams: [{name: web}]",
         "write each name and a colon, and what belongs to it indented below"                       },
        {"a map for a value",         "store: {url: a}",          "write one value behind the colon"},
        {"a map for values",          "trusted_proxies: {a: b}",  "write a list, such as [one, two]"},
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InSingleValues)
{
    const Mistake mistakes[] = {
        {"an octal number",              "workers: 010",                                                    "\"010\" is not a whole number"                 },
        {"a quoted word",                "workers: 'four'",                                                 "g.yaml:1:10: workers: \"four\""                },
        {"too many",                     "workers: 1025",                                                   "allowed: 0 to 1024"                            },
        {"yes",                          "log: {access: yes}",                                              "\"yes\" is neither true nor false"             },
        {"a number alone",               "drain: {delay: 5}",                                               "is not a duration"                             },
        {"a number of milliseconds",
         "upstreams: {a: {endpoints: ['http://a'], retry: {backoff: 25}}}",                                 "unit (ms, s, m, h or d), for example 250ms"    },
        {"half a second",                "tokens: {access_ttl: 1500ms}",                                    "not a whole number of seconds"                 },
        {"too short a life",             "tokens: {access_ttl: 500ms}",                                     "allowed: 1s to 1d"                             },
        {"a decimal unit",               "limits: {max_body: 1MB}",                                         "is not a size"                                 },
        {"below the range",              "auth: {max_body: 16B}",                                           "allowed: 256B to 1MiB"                         },
        {"a word in another case",       "registration: Open",                                              "did you mean \"open\"?"                        },
        {"swapped letters",              "registration: cloesd",                                            "did you mean \"closed\"?"                      },
        {"accounts in Redis",            "store: redis://db",                                               "keeps sessions, and no accounts"               },
        {"sessions in SQL",              "sessions: {store: 'sqlite:x'}",
         "sessions.store: \"sqlite:x\" is no address"                                                                                                       },
        {"a bad port of Redis",          "sessions: {store: 'redis://db:0'}",                               "g.yaml:1:19: sessions.store"                   },
        {"a password of Redis",          "sessions: {store: 'redis://g:p@db/0'}",
         "g.yaml:1:19: sessions.store: has a password in it"                                                                                                },
        {"accounts in memory",           "{store: memory, sessions: {store: 'redis://db'}}",
         "cannot outlive accounts"                                                                                                                          },
        {"no such password of Redis",
         "{sessions: {store: 'redis://db'}, redis: {password_file: nowhere}}",                              "redis.password_file: nowhere cannot be read"   },
        {"authorities without TLS",      "{sessions: {store: 'redis://db'}, redis: {ca_file: ca.pem}}",
         "redis.ca_file: is for TLS"                                                                                                                        },
        {"a certificate without TLS",
         "{sessions: {store: 'redis://db'}, redis: {certificate: c, key: k}}",                              "redis.certificate: is for TLS"                 },
        {"a certificate alone",          "{sessions: {store: 'rediss://db'}, redis: {certificate: c.pem}}",
         "redis.certificate: a certificate and its key"                                                                                                     },
        {"a key alone",                  "{sessions: {store: 'rediss://db'}, redis: {key: k.pem}}",
         "redis.key: a certificate and its key"                                                                                                             },
        {"one connection to Redis",      "redis: {connections: 1}",                                         "allowed: 2 to 1000"                            },
        {"half a URL",                   "store: postgres:db",                                              "write postgres://user@host/database"           },
        {"a feed of another kind",       "postgres: {feed_url: 'sqlite:x'}",
         "write postgres://user@host/database"                                                                                                              },
        {"keys of each gateway's own",   "store: postgres://db/g",
         "tokens.sealing_file: is missing: gateways"                                                                                                        },
        {"no such password file",
         "{store: 'postgres://db/g', tokens: {keys_file: k}, postgres: {password_file: nowhere}}",          "postgres.password_file: nowhere cannot be read"},
        {"a store of another kind",      "store: mysql://db/g",
         "or postgres://user@host/database, or memory"                                                                                                      },
        {"no path",                      "store: 'sqlite:'",                                                "is not a store"                                },
        {"a port alone",                 "admin: 9901",                                                     "is not an address to listen on"                },
        {"a name to listen on",          "admin: gateway:80",                                               "is not an address to listen on"                },
        {"a large port",                 "admin: 127.0.0.1:65536",                                          "is not an address to listen on"                },
        {"bits behind the mask",         "trusted_proxies: [10.0.0.1/8]",
         "trusted_proxies[0]: \"10.0.0.1/8\""                                                                                                               },
        {"a long mask",                  "trusted_proxies: [10.0.0.0/33]",                                  "is not a network"                              },
        {"a network twice",              "trusted_proxies: [10.0.0.1, 10.0.0.1]",                           "stands in this list already"                   },
        {"an origin with a path",        "auth: {origins: ['https://a.com/']}",                             "is not an origin"                              },
        {"an origin in capitals",        "auth: {origins: ['https://A.com']}",                              "is not an origin"                              },
        {"a default port",               "auth: {origins: ['https://a.com:443']}",                          "is not an origin"                              },
        {"an origin without scheme",     "auth: {origins: [a.com]}",                                        "is not an origin"                              },
        {"a header with a blank",        "identity: {header: X User}",                                      "is not a header name"                          },
        {"a taken header",               "identity: {header: authorization}",                               "already means something else"                  },
        {"a cookie with ;",              "auth: {cookie_name: 'a;b'}",                                      "is not a cookie name"                          },
        {"a prefix of nothing",          "auth: {prefix: /}",                                               "is not a prefix"                               },
        {"a prefix with a wildcard",     "auth: {prefix: /a/*}",                                            "is not a prefix"                               },
        {"no issuer",                    "tokens: {issuer: ''}",                                            "tokens.issuer: is empty"                       },
        {"TLS",                          "listen: [{address: '127.0.0.1:1', tls: {}}]",                     "names no certificate"                          },
        {"no listener",                  "listen: []",                                                      "listen: is empty"                              },
        {"a port twice",                 "listen: [{address: '127.0.0.1:80'}, {address: 'localhost:80'}]",
         "g.yaml:1:47: listen[1].address: \"localhost:80\" is taken"                                                                                        },
        {"proxies nobody trusts",        "{listen: [{address: '0.0.0.0:8080', proxy_protocol: required}]}",
         "lets nobody in"                                                                                                                                   },
        {"a listener that is a word",    "listen: [{address: '0.0.0.0:8080'}, '0.0.0.0:8443']",
         "listen[1]: expected a map of keys, found"                                                                                                         },
        {"an unread one before another",
         "{trusted_proxies: [10.0.0.1], listen: [{address: '443'}, "
         "{address: '0.0.0.0:8080', proxy_protocol: required}]}",                                           "listen[0].address: \"443\" is not an address"  },
        {"two of one kind",
         "{trusted_proxies: [10.0.0.1], listen: [{address: '0.0.0.0:0', proxy_protocol: required}, "
         "{address: '0.0.0.0:0'}]}",                                                                        "differs from that of another listener"         },
        {"the admin port too",           "{admin: '0.0.0.0:8080'}",                                         "is taken by another listener"                  },
        {"short over long",              "passwords: {min_length: 100, max_length: 64}",                    "no password is long"                           },
        {"a hash too large",             "passwords: {argon2_memory: 32MiB, memory: 16MiB}",                "one hash alone"                                },
        {"a first wait too long",        "throttle: {pair_first_wait: 1h}",                                 "pair_longest_wait"                             },
        {"no time to refresh",           "{tokens: {access_ttl: 1h}, sessions: {idle_ttl: 59m}}",
         "g.yaml:1:49: sessions.idle_ttl: is shorter than tokens.access_ttl"                                                                                },
        {"one cookie, two meanings",     "auth: {cookie_name: gatehouse_device}",
         "auth.cookie_name: is the name of the cookie by which browsers are known"                                                                          },
        {"a long target",                "limits: {head: 4KiB}",                                            "limits.target: is more than limits.head"       },
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InRoutes)
{
    const Mistake mistakes[] = {
        {"no match",                  "routes: [{to: 'http://a'}]",                                    "g.yaml:1:10: routes[0].match: is missing"            },
        {"no target",                 "routes: [{match: /a}]",                                         "routes[0].to: is missing"                            },
        {"a bad pattern",             "routes: [{match: '/a*', to: 'http://a'}]",                      "a star stands for a whole"                           },
        {"dot segments",              "routes: [{match: /a/../b, to: 'http://a'}]",                    "dot segments"                                        }, // R23
        {"a bad host",                "routes: [{match: /a, host: 'a:80', to: 'http://a'}]",           "is not a host name"                                  },
        {"a method in small letters", "routes: [{match: /a, methods: [get], to: 'http://a'}]",
         "routes[0].methods[0]: \"get\" is not a method"                                                                                                     },
        {"TRACE",                     "routes: [{match: /a, methods: [TRACE], to: 'http://a'}]",       "refused on every"                                    },
        {"an unknown upstream",
         "upstreams: {orders: {endpoints: ['http://a']}}\n"
         "routes: [{match: /a, to: ordres}, {match: /b, to: orders}]",                                 "g.yaml:2:26: routes[0].to: \"ordres\" is no upstream"},
        {"https and a path",          "routes: [{match: /a, to: 'https://a/b'}]",
         "has something behind the host"                                                                                                                     },
        {"a path in the URL",         "routes: [{match: /a, to: 'http://a/b'}]",                       "write http://a alone"                                },
        {"a user in the URL",         "routes: [{match: /a, to: 'http://u:p@a'}]",                     "holds no user name"                                  },
        {"port 0",                    "routes: [{match: /a, to: 'http://a:0'}]",                       "is not a URL of an upstream"                         },
        {"not quite an address",      "routes: [{match: /a, to: 'http://10.0.0'}]",                    "is not a URL"                                        },
        {"no endpoints",              "upstreams: {a: {endpoints: []}}\nroutes: [{match: /a, to: a}]",
         "upstreams.a.endpoints: is empty"                                                                                                                   },
        {"a balance nobody knows",
         "upstreams: {a: {endpoints: ['http://a'], balance: least_requsts}}\n"
         "routes: [{match: /a, to: a}]",                                                               "did you mean \"least_requests\""                     },
        {"an upstream's odd name",    "upstreams: {'a/b': {endpoints: ['http://a']}}",
         "g.yaml:1:13: upstreams.a/b: \"a/b\" is not a name"                                                                                                 },
        {"a role for auth",           "routes: [{match: /a, auth: admin, to: 'http://a'}]",
         "hint: write required, optional or none, or {roles: [..]} for roles"                                                                                },
        {"an unknown auth",           "routes: [{match: /a, auth: public, to: 'http://a'}]",
         "routes[0].auth"                                                                                                                                    },
        {"no roles",                  "routes: [{match: /a, auth: {roles: []}, to: 'http://a'}]",      "is empty"                                            },
        {"roles left out",            "routes: [{match: /a, auth: {}, to: 'http://a'}]",               "roles: is missing"                                   },
        {"a role with a comma",       "routes: [{match: /a, auth: {roles: ['a,b']}, to: 'http://a'}]",
         "is not a role"                                                                                                                                     }, // R22
        {"a session nobody looks at",
         "routes: [{match: /a, auth: none, session_cookie: true, to: 'http://a'}]",                    "no token is looked at on a route with `auth: none`"  },
        {"a prefix to strip",         "routes: [{match: /a/**, strip_prefix: /b, to: 'http://a'}]",
         "does not begin with"                                                                                                                               },
        {"below the auth API",        "routes: [{match: /auth/x, to: 'http://a'}]",                    // R26
         "everything below /auth is answered"                             },
        {"in an escaped spelling",    "routes: [{match: /%61uth/**, to: 'http://a'}]",                 // R26
         "everything below /auth is answered"                          },
        {"below another auth API",    "auth: {prefix: /id}\nroutes: [{match: /id, to: 'http://a'}]",
         "everything below /id is answered"                                                                                                                  },
        {"the keys",                  "routes: [{match: /.well-known/jwks.json, to: 'http://a'}]",
         "this path is answered by Gatehouse itself"                                                                                                         },
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InRoutesThatOneRequestCouldChoose)
{
    struct Case {
        const char* name;
        const char* routes;
        bool ambiguous;
    };

    const Case cases[] = {
        {"the same path",            "[{match: /a, to: 'http://a'}, {match: /a, to: 'http://b'}]",          true },
        {"in another spelling",      "[{match: /@a, to: 'http://a'}, {match: /%40a, to: 'http://b'}]",
         true                                                                                                    },
        {"hosts in another case",
         "[{match: /a, host: H, to: 'http://a'}, "
         "{match: /a, host: h, to: 'http://b'}]",                                                           true },
        {"a method in common",
         "[{match: /a, methods: [GET], to: 'http://a'}, "
         "{match: /a, methods: [PUT, GET], to: 'http://b'}]",                                               true },
        {"GET covers HEAD",
         "[{match: /a, methods: [GET], to: 'http://a'}, "
         "{match: /a, methods: [HEAD], to: 'http://b'}]",                                                   true },
        {"other methods",
         "[{match: /a, methods: [GET], to: 'http://a'}, "
         "{match: /a, methods: [PUT], to: 'http://b'}]",                                                    false},
        {"with and without methods",
         "[{match: /a, methods: [GET], to: 'http://a'}, "
         "{match: /a, to: 'http://b'}]",                                                                    false},
        {"other hosts",              "[{match: /a, host: h, to: 'http://a'}, {match: /a, to: 'http://b'}]",
         false                                                                                                   },
        {"a wildcard",               "[{match: /*, to: 'http://a'}, {match: /**, to: 'http://b'}]",         false},
        {"a literal star",           "[{match: /%2A, to: 'http://a'}, {match: /*, to: 'http://b'}]",        false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_text(std::string{"\nroutes: "} + c.routes, "g.yaml", {});
        EXPECT_EQ(loaded.errors.size(), c.ambiguous ? 1U : 0U) << to_string(loaded.errors);
        if (!c.ambiguous) continue;
        EXPECT_THAT(to_string(loaded.errors),
                    HasSubstr("ambiguous: routes[0] on line 2 has the same"));
        EXPECT_THAT(to_string(loaded.errors), HasSubstr(": routes[1].match: "));
    }
}

TEST(Mistakes, InCrossOriginRules)
{
    const Mistake mistakes[] = {
        {"any origin with credentials", "auth: {cors: {origins: ['*'], credentials: true}}",
         "g.yaml:1:44: auth.cors.credentials: credentials cannot be allowed"                                                },
        {"also on a route",
         "routes: [{match: /a, to: 'http://a', cors: {origins: ['*'], credentials: true}}]", "routes[0].cors.credentials"   },
        {"any origin and one",          "auth: {cors: {origins: ['*', 'https://a.com']}}",
         "already stands for every origin"                                                                                  },
        {"no origins",                  "auth: {cors: {}}",                                  "auth.cors.origins: is missing"},
        {"a bad header",                "auth: {cors: {origins: ['*'], headers: ['a b']}}",
         "is not a header name"                                                                                             },
    };
    expect_one_error_each(mistakes);
}

TEST(Mistakes, InTheSecretsOfHs256) // R35
{
    const auto text = "tokens: {algorithm: HS256}";
    const Mistake mistakes[] = {
        {"no access secret",
         text, "HS256 needs ACCESS_TOKEN_SECRET",
         {{"REFRESH_TOKEN_SECRET", secret_b}}                                               },
        {"no refresh secret",
         text, "HS256 needs REFRESH_TOKEN_SECRET",
         {{"ACCESS_TOKEN_SECRET", secret_a}}                                                },
        {"a short one",
         text, "ACCESS_TOKEN_SECRET or one of its previous values has less than 32",
         {{"ACCESS_TOKEN_SECRET", std::string(31, 'a')}, {"REFRESH_TOKEN_SECRET", secret_b}}},
        {"a short previous one",
         text, "REFRESH_TOKEN_SECRET or one of its previous",
         {{"ACCESS_TOKEN_SECRET", secret_a},
          {"REFRESH_TOKEN_SECRET", secret_b},
          {"REFRESH_TOKEN_SECRET_PREVIOUS", "short"}}                                       },
        {"twice the same",
         text, "share a value",
         {{"ACCESS_TOKEN_SECRET", secret_a}, {"REFRESH_TOKEN_SECRET", secret_a}}            },
        {"an old one used for the other",
         text, "share a value",
         {{"ACCESS_TOKEN_SECRET", secret_a},
          {"REFRESH_TOKEN_SECRET", secret_b},
          {"ACCESS_TOKEN_SECRET_PREVIOUS", secret_b}}                                       },
    };
    expect_one_error_each(mistakes);
    for (const auto& m : mistakes) {
        const auto shown = to_string(load_text(m.text, "g.yaml", m.environment).errors);
        EXPECT_EQ(shown.find(secret_a.substr(0, 20)), std::string::npos) << shown;
    }
}

TEST(Mistakes, AreAllShownEvenWhenThereAreThousands)
{
    std::string text = "routes:\n";
    for (int i = 0; i < 3000; ++i) text += "  - {match: a, to: ftp://b, tiemout: 1}\n";
    const auto loaded = load_text(text, "g.yaml", {});
    ASSERT_EQ(loaded.errors.size(), 9000U);
    for (std::size_t i = 1; i < loaded.errors.size(); ++i) {
        EXPECT_LT(loaded.errors[i - 1].place, loaded.errors[i].place);
    }
}

} // namespace
} // namespace gatehouse::config
