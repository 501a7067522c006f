#include "gateway/command/init/compose.hpp"
#include "gateway/command/init/compose_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ContainerPort, IsTheOneBehindTheLastColon)
{
    struct Case {
        const char* mapping;
        std::optional<std::uint16_t> expected;
    };

    const Case cases[] = {
        {"80",                              80   },
        {"8080:80",                         80   },
        {"127.0.0.1:8080:80",               80   },
        {"[::1]:8080:80/tcp",               80   },
        {"8080:80/udp",                     {}   },
        {"3000-3005:4000-4005",             4000 },
        {"${PORT:-8080}:3000",              3000 },
        {"${PORT}:3000",                    3000 },
        {"$PORT:3000",                      3000 },
        {"8080:${INNER:-3000}",             3000 },
        {"8080:${INNER-3000}",              3000 },
        {"8080:${INNER}",                   {}   },
        {"8080:$INNER",                     {}   },
        {"${A:-127.0.0.1}:${B:-1}:${C:-2}", 2    },
        {"${open",                          {}   },
        {"",                                {}   },
        {"0",                               {}   },
        {"65535",                           65535},
        {"65536",                           {}   },
        {"080",                             {}   },
        {"http",                            {}   },
        {"8080:",                           {}   },
        {"99999999999999999999",            {}   },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.mapping);
        EXPECT_EQ(container_port(c.mapping), c.expected);
    }
}

/// `match -> to -strip_prefix`, one for each route.
std::vector<std::string> routes_of(const std::string& text)
{
    const auto reading = read_compose(text, "compose.yaml");
    if (!reading) return {reading.error().message};
    std::vector<std::string> routes;
    for (const auto& route : reading->routes) {
        auto line = route.match + " -> " + route.to;
        if (!route.strip_prefix.empty()) line += " -" + route.strip_prefix;
        routes.push_back(line);
    }
    return routes;
}

std::string skipped_of(const std::string& text)
{
    const auto reading = read_compose(text, "compose.yaml");
    if (!reading) return reading.error().message;
    std::string all;
    for (const auto& service : reading->skipped) all += service.name + ": " + service.reason + "\n";
    return all;
}

TEST(ReadCompose, GivesTheFrontEveryPathAndOthersTheirName)
{
    const auto text =
        "services:\n"
        "  api: {build: ./api, ports: ['4000:4000'], environment: {DB_PASSWORD: hunter2}}\n"
        "  my-frontend: {image: 'node:20', ports: ['3000:3000']}\n"
        "  worker: {build: ./worker}\n"
        "  db: {image: 'postgres:15', ports: ['5432:5432']}\n"
        "  cache: {image: 'registry.example:5000/team/Redis@sha256:abc', expose: [6379]}\n";
    EXPECT_THAT(routes_of(text),
                ElementsAre("/api/** -> http://api:4000 -/api", "/** -> http://my-frontend:3000"));
    EXPECT_THAT(skipped_of(text),
                AllOf(HasSubstr("worker: it names no TCP port"),
                      HasSubstr("db: its image keeps data"),
                      HasSubstr("cache: its image keeps data"), Not(HasSubstr("hunter2"))));
}

TEST(ReadCompose, ReadsEveryWayToNameAPort)
{
    struct Case {
        const char* service;
        const char* expected;
    };

    const Case cases[] = {
        {"{ports: ['8080:80']}",                                       "/** -> http://a:80"   },
        {"{ports: [3000]}",                                            "/** -> http://a:3000" },
        {"{expose: ['3000']}",                                         "/** -> http://a:3000" },
        {"{ports: [{target: 80, published: 8080, protocol: tcp}]}",    "/** -> http://a:80"   },
        {"{ports: [{target: 81, protocol: udp}, {target: 80}]}",       "/** -> http://a:80"   },
        {"{ports: ['25:25', '443:443']}",                              "/** -> https://a:443" },
        {"{expose: [8443]}",                                           "/** -> https://a:8443"},
        {"{ports: ['25:25', '443:443', '8080:8080']}",                 "/** -> http://a:8080" },
        {"{ports: ['5432:5432'], expose: [8000]}",                     "/** -> http://a:8000" },
        {"{<<: {ports: ['9:8000']}}",                                  "/** -> http://a:8000" },
        {"{<<: [{image: x}, {ports: ['9:8000']}], ports: ['1:8001']}", "/** -> http://a:8001" },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.service);
        EXPECT_THAT(routes_of(std::string{"services: {a: "} + c.service + "}"),
                    ElementsAre(c.expected));
    }
}

TEST(ReadCompose, FollowsAnchors)
{
    EXPECT_THAT(routes_of("x-common: &common\n"
                          "  ports: ['8000:8000']\n"
                          "services:\n"
                          "  a: {<<: *common, image: x}\n"),
                ElementsAre("/** -> http://a:8000"));
}

TEST(ReadCompose, KeepsOutOfTheWayOfTheAuthApi)
{
    EXPECT_THAT(routes_of("services:\n"
                          "  web: {expose: [1]}\n"
                          "  auth: {expose: [2]}\n"
                          "  auth-service: {expose: [3]}\n"),
                ElementsAre("/** -> http://web:1",
                            "/auth-service/** -> http://auth:2 -/auth-service",
                            "/auth-service-service/** -> http://auth-service:3 "
                            "-/auth-service-service"));
}

TEST(ReadCompose, SaysWhyAServiceIsLeftOut)
{
    struct Case {
        const char* service;
        const char* reason;
    };

    const Case cases[] = {
        {"b: {ports: ['22:22']}",                            "b: port 22 is not one for HTTP"},
        {"b: {network_mode: host, ports: ['80:80']}",        "b: it uses the host's network" },
        {"b: {ports: ['53:53/udp']}",                        "b: it names no TCP port"       },
        {"b:",                                               "b: it names no TCP port"       },
        {"b: [1, 2]",                                        "b: it names no TCP port"       },
        {"b: {ports: 80}",                                   "b: it names no TCP port"       },
        {"'b\\n  - evil: x': {ports: [80]}",                 "a service: its name cannot be" },
        {"\"b\\nx\": {ports: [80]}",                         "a service: its name cannot be" },
        {"'**': {ports: [80]}",                              "a service: its name cannot be" },
        {"'..': {ports: [80]}",                              "a service: its name cannot be" },
        {"1.2.3: {ports: [80]}",                             "a service: its name cannot be" },
        {"b: {image: 'bitnami/postgresql:15', ports: [80]}", "b: its image keeps data"       },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.service);
        const auto text = std::string{"services:\n  a: {ports: [80]}\n  "} + c.service + "\n";
        EXPECT_THAT(routes_of(text), ElementsAre("/** -> http://a:80"));
        EXPECT_THAT(skipped_of(text), testing::StartsWith(c.reason));
    }
    EXPECT_THAT(routes_of("services: {a: {image: mongo-express, ports: ['8081:8081']}}"),
                ElementsAre("/** -> http://a:8081"));
}

TEST(ReadCompose, RefusesWhatIsNone)
{
    struct Case {
        const char* text;
        const char* expected;
    };

    const Case cases[] = {
        {"",                                        "there are no services here"   },
        {"web: {ports: [80]}",                      "there are no services here"   },
        {"services: [web]",                         "there are no services here"   },
        {"services: {}",                            "no service here looks as if"  },
        {"services: {db: {image: postgres}}",       "  db: its image keeps data"   },
        {"services: {a: {ports: [80]}",             "this is not YAML"             },
        {"services: {a: {}, a: {}}",                "stands here a second time"    },
        {"services: {a: {ports: [80]}}\n---\nb: 1", "a second document begins here"},
        {"\x01",                                    "compose.yaml:1:1"             },
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto reading = read_compose(c.text, "compose.yaml");
        ASSERT_FALSE(reading.has_value());
        EXPECT_THAT(reading.error().message, HasSubstr(c.expected));
    }
}

} // namespace
} // namespace gatehouse::gateway
