#pragma once

#include "gateway/api/auth_api.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/routing/router.hpp"
#include "tests/auth/service/auth_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway::test {

using namespace std::chrono_literals;

/// A request to the auth API, as a test writes it down.
struct Ask {
    std::string method;
    std::string path;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    bool trusted_peer = false;
    bool secure = false;

    [[nodiscard]] Ask with(std::string name, std::string value) const
    {
        auto changed = *this;
        changed.fields.emplace_back(std::move(name), std::move(value));
        return changed;
    }

    [[nodiscard]] Ask bearing(const Secret& access_token) const
    {
        return with("Authorization", "Bearer " + std::string(access_token.reveal()));
    }

    [[nodiscard]] Ask with_cookie(const Secret& token) const
    {
        return with("Cookie", "a=b; refresh_token=" + std::string(token.reveal()));
    }
};

[[nodiscard]] inline Ask post(std::string path, std::string body = "")
{
    Ask ask{"POST", std::move(path), std::move(body), {}};
    if (!ask.body.empty()) ask.fields.emplace_back("Content-Type", "application/json");
    return ask;
}

[[nodiscard]] inline Ask get(std::string path)
{
    return {"GET", std::move(path), "", {}};
}

[[nodiscard]] inline std::string refresh_body(const Secret& token)
{
    return R"({"refreshToken":")" + std::string(token.reveal()) + R"("})";
}

/// The auth API over an auth service in memory: pools and an event loop, but no socket.
class ApiTest : public ::testing::Test {
protected:
    /// For settings that have to stand before the house does.
    explicit ApiTest(config::Settings settings = auth::quick_settings())
        : house(std::move(settings)),
          router(house.settings.routes),
          api({house.service, *house.keys, house.clock, hash_pool, store_pool}, house.settings)
    {
    }

    ~ApiTest() override
    {
        hash_pool.join();
        store_pool.join();
    }

    /// All of them at once: each begins before any of them is answered.
    [[nodiscard]] std::vector<LocalResponse> ask_all(const std::vector<Ask>& asks);

    [[nodiscard]] LocalResponse ask(const Ask& asked) { return ask_all({asked}).front(); }

    /// "200", or status and code of the refusal: "401 token_missing".
    [[nodiscard]] std::string outcome(const Ask& asked) { return outcome_of(ask(asked)); }

    [[nodiscard]] static std::string outcome_of(const LocalResponse& response)
    {
        if (!response.refusal) return std::to_string(response.status);
        return std::to_string(status_of(*response.refusal)) + ' ' +
               std::string(to_string(response.refusal->code));
    }

    /// The one value of a field of the answer, or "" without it.
    [[nodiscard]] static std::string field(const LocalResponse& response, std::string_view name)
    {
        std::string found;
        for (const auto& [each, value] : response.fields) {
            if (each != name) continue;
            EXPECT_EQ(found, "") << name << " is there twice";
            found = value;
        }
        return found;
    }

    auth::House house;
    Router router;
    DecisionRooms deciding{router, house.authenticator,     false, house.settings.auth, nullptr,
                           false,  proof_of(house.settings)};
    const DecisionRooms* deciding_instead = nullptr;
    boost::asio::thread_pool hash_pool{1};
    boost::asio::thread_pool store_pool{2};
    AuthApi api;
};

inline std::vector<LocalResponse> ApiTest::ask_all(const std::vector<Ask>& asks)
{
    struct Kept {
        std::vector<Field> fields;
        LocalRequest request;
        LocalResponse response;
    };

    std::vector<Kept> all(asks.size());
    boost::asio::io_context io;
    for (std::size_t i = 0; i < asks.size(); ++i) {
        const auto& asked = asks[i];
        auto& kept = all[i];
        for (const auto& [name, value] : asked.fields) kept.fields.push_back({name, value});
        auto& request = kept.request;
        request.method = asked.method;
        request.path = asked.path;
        request.body = asked.body;
        request.fields = kept.fields;
        request.peer_address = request.client_address = "192.0.2.1";
        request.peer_is_trusted = asked.trusted_peer;
        request.secure = asked.secure;
        request.host = "api.example.com";
        request.request_id = "request-1";
        request.deciding = deciding_instead != nullptr ? deciding_instead : &deciding;
        auto answering = [this, &kept]() -> Task<void> {
            auto pending = api.answer(kept.request);
            kept.response = co_await std::move(pending);
        };
        boost::asio::co_spawn(io.get_executor(), answering, [](const std::exception_ptr& error) {
            EXPECT_FALSE(error) << "an exception crossed the auth API";
        });
    }
    io.run();
    std::vector<LocalResponse> responses;
    for (auto& kept : all) responses.push_back(std::move(kept.response));
    return responses;
}

} // namespace gatehouse::gateway::test
