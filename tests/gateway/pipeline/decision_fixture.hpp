#pragma once

#include "auth/apikeys/api_key_table.hpp"
#include "auth/revocation/feed_lease.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/tokens/authenticator.hpp"
#include "auth/tokens/key_keeper.hpp"
#include "auth/tokens/token_issuer.hpp"
#include "gateway/pipeline/decision.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway::test {

/// Routes of every kind, keys, and one session: what a decision is made of.
class DecisionFixture : public testing::Test {
protected:
    static constexpr auth::Seconds noon{std::chrono::seconds{1'800'000'000}};

    class StandingClock final : public auth::Clock {
    public:
        [[nodiscard]] auth::Millis now() const noexcept override { return noon; }
    };

    static config::RouteSettings route(std::string match, config::AuthMode mode)
    {
        config::RouteSettings settings;
        settings.match = std::move(match);
        settings.to = "http://u:1";
        settings.auth = mode;
        return settings;
    }

    static std::vector<config::RouteSettings> all_routes()
    {
        using enum config::AuthMode;
        std::vector<config::RouteSettings> routes = {
            route("/required/**", required),  route("/optional/**", optional),
            route("/none/**", none),          route("/admin/**", required),
            route("/params/**", none),        route("/get", none),
            route("/stale/**", required),     route("/cors/**", required),
            route("/maybe-stale", optional),  route("/people/**", required),
            route("/maybe-people", optional),
        };
        routes[3].roles = {"admin", "root"};
        routes[4].allow_path_params = true;
        routes[5].methods = {"GET"};
        routes[6].on_stale = config::OnStale::deny;
        routes[7].cors.emplace().origins = {"https://a.example"};
        routes[7].methods = {"GET", "PUT"};
        routes[8].on_stale = config::OnStale::deny;
        routes[9].api_keys = routes[10].api_keys = false;
        return routes;
    }

    DecisionFixture()
        : keeper(*auth::KeyKeeper::open(tokens, "", clock)),
          authenticator(tokens, revocations, keeper->ring())
    {
        authenticator.take_api_keys(api_keys);
    }

    /// A live key of that user, as bearer.
    std::string api_key(const std::string& user, std::vector<std::string> roles = {})
    {
        const auto made = auth::make_api_key();
        auth::ApiKey key;
        key.id = made.id;
        key.user_id = user;
        key.digest = made.digest;
        key.roles = std::move(roles);
        api_keys.put(key);
        return "Bearer " + std::string(made.text.reveal());
    }

    std::string token(std::string user, std::vector<std::string> roles = {},
                      auth::Seconds expires = noon + std::chrono::hours(1))
    {
        const auth::AccessClaims claims{std::move(user),
                                        session.to_string(),
                                        auth::Id128::random().to_string(),
                                        std::move(roles),
                                        noon - std::chrono::minutes(1),
                                        expires};
        return "Bearer " + auth::TokenIssuer{tokens}.access(*keeper->ring(), claims);
    }

    /// The answer in words: "ok", "ok user", "preflight", or the refusal's code.
    std::string ask(std::string_view method, std::string_view target,
                    std::vector<Field> fields = {})
    {
        const auto head = request(method, target, std::move(fields));
        const DecisionRooms rooms{router, authenticator, stale, auth_settings, lease};
        const auto admission = decide(rooms, head, noon, scratch);
        if (!admission) {
            reason = admission.error().reason;
            status = status_of(admission.error());
            allow = admission.error().allow;
            return std::string{to_string(admission.error().code)};
        }
        last = *admission;
        EXPECT_EQ(admission->route, scratch.route);
        if (admission->preflight != nullptr) return "preflight";
        return admission->principal == nullptr ? "ok" : "ok " + admission->principal->user_id;
    }

    config::TokenSettings tokens;
    config::AuthApiSettings auth_settings; // below /auth
    StandingClock clock;
    auth::RevocationTable revocations;
    auth::ApiKeyTable api_keys;
    std::unique_ptr<auth::KeyKeeper> keeper;
    auth::Authenticator authenticator;
    std::vector<config::RouteSettings> routes = all_routes();
    Router router{routes};
    auth::Id128 session = auth::Id128::random();
    DecisionScratch scratch;
    bool stale = false;
    const auth::FeedLease* lease = nullptr;
    Admission last;
    auth::Principal principal; // a copy of whom the last one let in
    std::string reason;
    unsigned status = 0;
    std::string allow;
};

} // namespace gatehouse::gateway::test
