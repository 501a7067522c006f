#include "config/load/load.hpp"
#include "tests/config/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Loaded load(std::string_view text, const Environment& environment = {})
{
    return load_text(text, "gateway.yaml", environment);
}

TEST(LoadText, ReadsTheExampleOfTheContract)
{
    const auto loaded = load(R"(
listen:
  - address: 0.0.0.0:8080
admin: 127.0.0.1:9901
workers: 4
store: sqlite:gatehouse.db
registration: closed
trusted_proxies: [10.0.0.0/8, "fd00::/8"]
tokens: {issuer: https://api.example.com, access_ttl: 15m, refresh_ttl: 365d, algorithm: ES384}
limits: {max_body: 1MiB}
deadlines: {head: 250ms}
upstreams:
  orders: {endpoints: [http://10.0.0.1:8080, http://10.0.0.2:8080], balance: round_robin}
routes:
  - {match: /public/**, auth: none, to: http://web:3000}
  - {match: /catalog/**, methods: [GET], auth: optional, to: http://catalog:8080}
  - {match: /orders/**, to: orders, timeout: 10s}
  - {match: /admin/**, auth: {roles: [admin]}, to: http://admin:8080, strip_prefix: /admin}
)");
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_THAT(loaded.warnings, IsEmpty()) << to_string(loaded.warnings);
    const auto& settings = loaded.settings;
    EXPECT_EQ(settings.workers, 4U);
    EXPECT_EQ(settings.registration, Registration::closed);
    EXPECT_THAT(settings.trusted_proxies, ElementsAre("10.0.0.0/8", "fd00::/8"));
    EXPECT_EQ(settings.tokens.access_ttl, 15min);
    EXPECT_EQ(settings.tokens.refresh_ttl, 365 * 24h);
    EXPECT_EQ(settings.tokens.algorithm, Algorithm::es384);
    EXPECT_EQ(settings.limits.max_body_bytes, MiB);
    EXPECT_EQ(settings.deadlines.head, 250ms);
    EXPECT_EQ(settings.upstreams.at("orders").endpoints.size(), 2U);
    ASSERT_EQ(settings.routes.size(), 4U);
    EXPECT_EQ(settings.routes[0].auth, AuthMode::none);
    EXPECT_THAT(settings.routes[1].methods, ElementsAre("GET"));
    EXPECT_EQ(settings.routes[2].timeout, 10s);
    EXPECT_EQ(settings.routes[3].auth, AuthMode::required);
    EXPECT_THAT(settings.routes[3].roles, ElementsAre("admin"));
    EXPECT_EQ(settings.routes[3].strip_prefix, "/admin");
}

TEST(LoadText, ReadsTheHostOfTheUpstreamAsTheContractSaysIt)
{
    const auto loaded = load("routes: [{match: /a, host: upstream, to: 'http://a'}]");
    ASSERT_EQ(loaded.settings.routes.size(), 1U);
    EXPECT_EQ(loaded.settings.routes[0].host_header, HostHeader::upstream);
    EXPECT_EQ(loaded.settings.routes[0].host, "") << "for all hosts";
}

TEST(LoadText, OfNothingIsTheDefaults)
{
    for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n", "{}", "\xEF\xBB\xBF"}) {
        SCOPED_TRACE(text);
        const auto loaded = load(text);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        EXPECT_EQ(loaded.settings.tokens.access_ttl, 1h);
        EXPECT_EQ(loaded.settings.listen.at(0).address, "0.0.0.0:8080");
    }
}

TEST(LoadText, ShowsTheMistakeItsPlaceAndTheWayOut)
{
    const auto loaded = load("\ntokens:\n  access_ttl: 15 parsecs\n");
    EXPECT_EQ(to_string(loaded.errors),
              "gateway.yaml:3:15: tokens.access_ttl: \"15 parsecs\" is not a duration\n"
              "      access_ttl: 15 parsecs\n"
              "                  ^\n"
              "  hint: write a number and a unit (s, m, h or d), for example 15m\n");
}

TEST(LoadText, GivesTwelveMessagesInOrderOfPositionForTwelveMistakes)
{
    const auto loaded = load(R"(listen:
  - address: 8080
workers: 010
store: redis://db/x
tokens: {access_ttl: 2d, algorithm: es256}
limits:
  max_body: 1MB
  conections: 5
deadlines: {head: 10}
deadlines: {head: 10s}
routes:
  - {match: /a/**, to: nowhere}
  - {match: /auth/login, to: http://a:1}
  - {match: /b, to: ftp://b}
)");
    std::vector<std::string> places;
    for (const auto& e : loaded.errors) {
        places.push_back(std::to_string(e.place.line) + ":" + std::to_string(e.place.column) + " " +
                         e.key);
    }
    EXPECT_THAT(places, ElementsAre("2:14 listen[0].address", "3:10 workers", "4:8 store",
                                    "5:22 tokens.access_ttl", "5:37 tokens.algorithm",
                                    "7:13 limits.max_body", "8:3 limits.conections",
                                    "9:19 deadlines.head", "10:1 deadlines", "12:24 routes[0].to",
                                    "13:13 routes[1].match", "14:21 routes[2].to"))
        << to_string(loaded.errors);
}

TEST(LoadText, ReadsRelativePathsFromTheFolderOfTheFile)
{
    const auto in_folder =
        load_text("store: sqlite:data/g.db\ntokens: {keys_file: keys.json}", "/etc/g/g.yaml", {});
    EXPECT_EQ(in_folder.settings.store, "sqlite:/etc/g/data/g.db");
    EXPECT_EQ(in_folder.settings.tokens.keys_file, "/etc/g/keys.json");
    EXPECT_EQ(load_text("", "/etc/g/g.yaml", {}).settings.store, "sqlite:/etc/g/gatehouse.db");
    EXPECT_EQ(load_text("store: sqlite:/var/g.db", "/etc/g/g.yaml", {}).settings.store,
              "sqlite:/var/g.db");
    EXPECT_EQ(load_text("store: memory", "/etc/g/g.yaml", {}).settings.store, "memory");
    EXPECT_EQ(load_text("", "gateway.yaml", {}).settings.store, "sqlite:gatehouse.db");
}

TEST(LoadText, TakesSecretsFromTheEnvironment)
{
    const Environment environment{
        {"ACCESS_TOKEN_SECRET", std::string(32, 'a')},
        {"REFRESH_TOKEN_SECRET", std::string(32, 'b')},
        {"ACCESS_TOKEN_SECRET_PREVIOUS", std::string(32, 'c') + "," + std::string(40, 'd')},
    };
    const auto loaded = load("tokens: {algorithm: HS256}", environment);
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_EQ(loaded.settings.tokens.access_secret.reveal(), std::string(32, 'a'));
    EXPECT_EQ(loaded.settings.tokens.refresh_secret.reveal(), std::string(32, 'b'));
    ASSERT_EQ(loaded.settings.tokens.access_secrets_previous.size(), 2U);
    EXPECT_EQ(loaded.settings.tokens.access_secrets_previous[1].reveal(), std::string(40, 'd'));
}

TEST(LoadFile, SaysWhyItCouldNotBeRead)
{
    const auto loaded = load_file("/nonexistent/gateway.yaml", {});
    ASSERT_EQ(loaded.errors.size(), 1U);
    EXPECT_THAT(to_string(loaded.errors),
                HasSubstr("/nonexistent/gateway.yaml: cannot be read: No such file or directory"));
    EXPECT_FALSE(load_file("/", {}).ok());
}

TEST(LoadText, TakesThePasswordOfPostgresFromTheEnvironment)
{
    const Environment environment{
        {"PGPASSWORD", "from outside"}
    };
    const auto text = "store: postgres://g@db/g\ntokens: {keys_file: k}";
    const auto loaded = load_text(text, "g.yaml", environment);
    EXPECT_EQ(loaded.settings.postgres.password.reveal(), "from outside");
    EXPECT_EQ(load_text("", "g.yaml", environment).settings.postgres.password.reveal(), "");
    EXPECT_EQ(load_text(text, "g.yaml", {}).settings.postgres.password.reveal(), "");
    EXPECT_EQ(loaded.settings.store, "postgres://g@db/g");
    EXPECT_TRUE(loaded.errors.empty()) << to_string(loaded.errors);
}

TEST(LoadText, TakesWhatACollectorIsShownFromTheEnvironment)
{
    struct Case {
        const char* name;
        const char* text;
        const char* expected; // null: a mistake
    };

    const Case cases[] = {
        {"none",                "",                      ""                },
        {"one",                 "X-Api-Key=abc",         "X-Api-Key: abc\n"},
        {"several, encoded",    " a = b%20c , d=e%3Df,", "a: b c\nd: e=f\n"},
        {"no pair",             "abc",                   nullptr           },
        {"no name",             "=abc",                  nullptr           },
        {"no value",            "a=",                    nullptr           },
        {"a name with a blank", "a b=c",                 nullptr           },
        {"a second line",       "a=b%0d%0aX-Evil: 1",    nullptr           },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Environment environment{
            {"OTEL_EXPORTER_OTLP_HEADERS", c.text}
        };
        const auto loaded =
            load_text("tracing: {endpoint: 'http://127.0.0.1:4318'}", "g.yaml", environment);
        EXPECT_EQ(loaded.errors.empty(), c.expected != nullptr) << to_string(loaded.errors);
        if (c.expected != nullptr) EXPECT_EQ(loaded.settings.tracing.headers.reveal(), c.expected);
        EXPECT_TRUE(load_text("", "g.yaml", environment).settings.tracing.headers.empty());
    }
}

TEST(LoadText, ShowsNoPasswordOfAStoreThatMustNotHaveOne)
{
    const struct {
        const char* name;
        const char* url;
    } rows[] = {
        {"before the host",     "postgres://g:hunter2@db/g"                         },
        {"beside others",       "postgresql://g:hunter2@a,b/g?sslmode=require"      },
        {"as a parameter",      "postgres://g@db/g?password=hunter2"                },
        {"as the second",       "postgres://g@db/g?sslmode=require&password=hunter2"},
        {"of a key",            "postgres://g@db/g?sslpassword=hunter2"             },
        {"with a typing error", "postgres:/g:hunter2@db/g"                          },
    };

    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        const Environment environment{
            {"URL", row.url}
        };
        const auto text = "store: ${URL}\ntokens: {keys_file: k}";
        const auto loaded = load_text(text, "g.yaml", environment);
        EXPECT_EQ(loaded.errors.size(), 1U);
        EXPECT_THAT(to_string(loaded.errors), testing::Not(testing::HasSubstr("hunter2")));
        if (std::string_view{row.url}.starts_with("postgres:/g")) continue;
        const auto literal = std::string{"store: "} + row.url + "\ntokens: {keys_file: k}";
        const auto written = to_string(load_text(literal, "g.yaml", {}).errors);
        EXPECT_THAT(written, testing::HasSubstr("g.yaml:1:8: store: has a password in it"));
        EXPECT_THAT(written, testing::Not(testing::HasSubstr("hunter2")));
        const auto feed = std::string{"postgres: {feed_url: '"} + row.url + "'}";
        const auto of_feed = to_string(load_text(feed, "g.yaml", {}).errors);
        EXPECT_THAT(of_feed,
                    testing::HasSubstr("g.yaml:1:22: postgres.feed_url: has a password in it"));
        EXPECT_THAT(of_feed, testing::Not(testing::HasSubstr("hunter2")));
    }
    for (const auto* url : {"postgres://g@db:5432/a:b@c", "postgres://db:1/x?passfile=p",
                            "postgres:///x?host=/run/a:b@c"}) {
        SCOPED_TRACE(url);
        const auto text = std::string{"store: "} + url + "\ntokens: {keys_file: k}";
        EXPECT_TRUE(load_text(text, "g.yaml", {}).errors.empty());
    }
}

TEST(LoadText, PutsSessionsIntoARedis)
{
    const Environment environment{
        {"REDIS_PASSWORD", "from outside" },
        {"CACHE",          "cache.example"}
    };
    const auto text = "sessions: {store: 'rediss://ada@${CACHE}:7000/2'}\n"
                      "redis: {ca_file: ca.pem, certificate: c.pem, key: /k.pem, connections: 4}";
    const auto loaded = load_text(text, "etc/g.yaml", environment);
    EXPECT_TRUE(loaded.errors.empty()) << to_string(loaded.errors);
    EXPECT_EQ(loaded.settings.sessions.store, "rediss://ada@cache.example:7000/2");
    const auto& redis = loaded.settings.redis;
    EXPECT_EQ(redis.password.reveal(), "from outside");
    EXPECT_EQ(redis.ca_file, "etc/ca.pem");
    EXPECT_EQ(redis.certificate, "etc/c.pem");
    EXPECT_EQ(redis.key, "/k.pem");
    EXPECT_EQ(redis.connections, 4U);
    EXPECT_FALSE(redis.accept_data_loss);
    // Nobody is asked for a password that nobody wants.
    EXPECT_EQ(load_text("", "g.yaml", environment).settings.redis.password.reveal(), "");
}

TEST(LoadText, ShowsNoPasswordInTheAddressOfARedis)
{
    for (const auto* url :
         {"redis://:hunter2@h", "rediss://ada:hunter2@h:1/0", "redis://h?password=hunter2",
          "redis://h/0#hunter2", "redis:/ada:hunter2@h", "valkey://ada:hunter2@h"}) {
        SCOPED_TRACE(url);
        const auto literal = std::string{"sessions:\n  store: '"} + url + "'";
        const auto loaded = load_text(literal, "g.yaml", {});
        EXPECT_EQ(loaded.errors.size(), 1U);
        EXPECT_THAT(to_string(loaded.errors), HasSubstr("sessions.store: "));
        EXPECT_THAT(to_string(loaded.errors), testing::Not(HasSubstr("hunter2")));
    }
}

TEST(LoadFile, FindsSecretFilesBesideTheConfiguration)
{
    const TemporaryFolder folder;
    std::ofstream{folder / "issuer"} << "https://api.example.com\n";
    std::ofstream{folder / "gateway.yaml"} << "tokens: {issuer: \"${file:issuer}\"}\n";
    const auto loaded = load_file((folder / "gateway.yaml").string(), {});
    EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
    EXPECT_EQ(loaded.settings.tokens.issuer, "https://api.example.com");
}

TEST(LoadFile, ReadsThePasswordOfPostgresBesideTheConfiguration)
{
    const TemporaryFolder folder;
    std::ofstream{folder / "gateway.yaml"} << "store: postgres://g@db/g\ntokens: {keys_file: k}\n"
                                              "postgres: {password_file: pass}\n";
    const auto password_after = [&](std::string_view content) {
        std::ofstream{folder / "pass"} << content;
        const auto loaded =
            load_file((folder / "gateway.yaml").string(), {
                                                              {"PGPASSWORD", "env"}
        });
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        return std::string{loaded.settings.postgres.password.reveal()};
    };
    EXPECT_EQ(password_after("secret"), "secret");
    EXPECT_EQ(password_after("secret\n"), "secret");
    EXPECT_EQ(password_after("secret\r\n"), "secret");
    EXPECT_EQ(password_after(" two\nlines \n\n"), " two\nlines \n");
}

TEST(LoadWithoutFile, TakesWhatTheCommandLineSays)
{
    const std::vector<Override> overrides{
        {"--listen",   "listen[0].address", "127.0.0.1:0"          },
        {"--upstream", "routes[0].match",   "/**"                  },
        {"--upstream", "routes[0].to",      "http://127.0.0.1:3000"},
    };
    const auto loaded = load_without_file({}, overrides);
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    ASSERT_EQ(loaded.settings.routes.size(), 1U);
    EXPECT_EQ(loaded.settings.routes[0].to, "http://127.0.0.1:3000");
    EXPECT_EQ(loaded.settings.listen.at(0).address, "127.0.0.1:0");
}

TEST(LoadWithoutFile, NamesTheOptionThatIsWrong)
{
    const std::vector<Override> overrides{
        {"--upstream", "routes[0].match", "/**"      },
        {"--upstream", "routes[0].to",    "ftp://web"},
    };
    const auto loaded = load_without_file({}, overrides);
    EXPECT_EQ(to_string(loaded.errors),
              "--upstream: \"ftp://web\" is not a URL of an upstream\n"
              "  hint: write http://host:port or https://host, for example "
              "http://127.0.0.1:3000\n");
}

TEST(LoadText, LetsTheCommandLineWinOverTheFile)
{
    const std::vector<Override> overrides{
        {"--log-format", "log.format", "dev"}
    };
    const auto loaded = load_text("log: {format: json, access: false}", "g.yaml", {}, overrides);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.settings.log.format, LogFormat::dev);
    EXPECT_FALSE(loaded.settings.log.access);
}

TEST(LoadText, ReadsWhatTheLogIsToSay)
{
    const auto loaded = load_text("log:\n"
                                  "  format: combined\n"
                                  "  file: logs/access.log\n"
                                  "  level: debug\n"
                                  "  fields: [request_id, trace_id]\n"
                                  "  redact: {client: mask, user_id: hash, query: drop}\n"
                                  "  mask: [ticket]\n"
                                  "  sample: 0.1\n"
                                  "  slow: 250ms\n",
                                  "g.yaml", {}, {});
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors);
    const auto& log = loaded.settings.log;
    EXPECT_EQ(log.format, LogFormat::combined);
    EXPECT_TRUE(log.file.ends_with("logs/access.log"));
    EXPECT_EQ(log.level, LogLevel::debug);
    EXPECT_EQ(log.fields, (std::vector<std::string>{"request_id", "trace_id"}));
    EXPECT_EQ(log.redact.client, Redaction::mask);
    EXPECT_EQ(log.redact.query, TextRedaction::drop);
    EXPECT_EQ(log.mask, std::vector<std::string>{"ticket"});
    EXPECT_EQ(log.sample, 0.1);
    EXPECT_EQ(log.slow, 250ms);
}

TEST(LoadText, NamesEachMistakeAboutTheLog)
{
    const auto loaded = load_text("log:\n"
                                  "  fields: [request_ids, path]\n"
                                  "  redact: {query: keep}\n"
                                  "  mask: [\"a=b\"]\n"
                                  "  sample: 10%\n"
                                  "  level: warning\n",
                                  "g.yaml", {}, {});
    const auto errors = to_string(loaded.errors);
    for (const std::string piece :
         {"log.fields[0]: \"request_ids\" is no field of a log line", "request_id",
          "log.redact.query: \"keep\" is not known here", "log.mask[0]",
          "log.sample: \"10%\" is not a part of 1", "log.level: \"warning\" is not known here"}) {
        EXPECT_NE(errors.find(piece), errors.npos) << piece << " is not in\n" << errors;
    }
}

} // namespace
} // namespace gatehouse::config
