#include "config/load/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

const std::string secret_a(32, 'a');

TEST(Warnings, SpeakOfWhatIsAllowedButRarelyMeant)
{
    struct Case {
        const char* name;
        const char* text;
        const char* expected; // "" for none
        Environment environment{};
    };

    const char* const quiet = "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n";
    const Case cases[] = {
        {"the issuer of everybody", "registration: closed", "g.yaml: warning: tokens.issuer"},
        {"not on loopback", quiet, ""},
        {"anyone may register",
         "listen: [{address: '[::1]:80'}]\nroutes: [{match: /a, to: 'http://a'}]", "g.yaml:2:10: warning: routes[0]: anyone may register"},
        {"but not come in",
         "listen: [{address: '[::1]:80'}]\nroutes: [{match: /a, auth: {roles: [x]}, to: "
         "'http://a'}]", ""},
        {"secrets without use",
         quiet, "ES256 does not use them",
         {{"ACCESS_TOKEN_SECRET", secret_a}}},
        {"a secret that cannot be listed later",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\ntokens: {algorithm: HS256}", "g.yaml:3:21: warning: tokens.algorithm: REFRESH_TOKEN_SECRET has a comma",
         {{"ACCESS_TOKEN_SECRET", secret_a}, {"REFRESH_TOKEN_SECRET", secret_a + ",b"}}},
        {"a list with blanks",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\ntokens: {algorithm: HS256}", "a value of ACCESS_TOKEN_SECRET_PREVIOUS begins or ends with a blank",
         {{"ACCESS_TOKEN_SECRET", secret_a},
          {"REFRESH_TOKEN_SECRET", secret_a + "b"},
          {"ACCESS_TOKEN_SECRET_PREVIOUS", secret_a + "c, " + secret_a + "d"}}},
        {"a list without",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\ntokens: {algorithm: HS256}", "",
         {{"ACCESS_TOKEN_SECRET", secret_a},
          {"REFRESH_TOKEN_SECRET", secret_a + "b"},
          {"ACCESS_TOKEN_SECRET_PREVIOUS", secret_a + "c," + secret_a + "d"}}},
        {"an upstream without use",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "upstreams: {a: {endpoints: ['http://a']}}", "upstreams.a: no route leads here"},
        {"a host that means a header",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "routes: [{match: /a, host: client, to: 'http://a'}]", "only requests for the host \"client\" match"},
        {"the header by the word of the contract",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "routes: [{match: /a, host: upstream, to: 'http://a'}]", "g.yaml:3:28: warning: routes[0].host: is taken for the Host"},
        {"a name for a segment",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "routes: [{match: '/users/{id}', to: 'http://a'}]", "g.yaml:3:18: warning: routes[0].match: only a path that says \"{id}\" matches"},
        {"the same with a colon, in the middle",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "routes: [{match: '/users/:id/posts', to: 'http://a'}]", "only a path that says \":id\" matches"},
        {"braces and colons that are meant",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "routes: [{match: '/users/%7Bid%7D/jobs:run', to: 'http://a'}]", ""},
        {"limits that hold for each gateway alone",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "store: postgres://db/gatehouse\ntokens: {keys_file: keys.json}\n"
         "throttle: {kept: memory}", "g.yaml:5:18: warning: throttle.kept: every gateway counts by itself"},
        {"the same beside a Redis",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "sessions: {store: 'redis://cache:6379/0'}\nthrottle: {kept: memory}", "throttle.kept: every gateway counts by itself"},
        {"an idle life that is never over",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "sessions: {idle_ttl: 365d}", "g.yaml:3:22: warning: sessions.idle_ttl: ends no session"},
        {"an idle life that is none",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "sessions: {idle_ttl: 0s}", ""},
        {"an idle life as long as an access token's",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "sessions: {idle_ttl: 1h}", ""},
        {"everybody is a proxy",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "trusted_proxies: [10.0.0.0/8, 0.0.0.0/0]", "g.yaml:3:31: warning: trusted_proxies[1]: trusts everybody"},
        {"everybody with IPv6",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "trusted_proxies: ['::/0']", "warning: trusted_proxies[0]: trusts everybody"},
        {"half of the world is somebody's network",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "trusted_proxies: [128.0.0.0/1, '::/96']", ""},
        {"a name that is free where browsers are not known",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "auth: {cookie_name: gatehouse_device}\nthrottle: {device_cookie: false}", ""},
        {"and for the one that there is",
         "registration: closed\nlisten: [{address: '127.0.0.1:80'}]\n"
         "throttle: {kept: memory}", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto loaded = load_text(c.text, "g.yaml", c.environment);
        EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors);
        const auto shown = to_string(loaded.warnings);
        EXPECT_EQ(loaded.warnings.size(), *c.expected == '\0' ? 0U : 1U) << shown;
        EXPECT_THAT(shown, HasSubstr(c.expected));
    }
}

} // namespace
} // namespace gatehouse::config
