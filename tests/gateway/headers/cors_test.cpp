#include "gateway/headers/cors.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway {
namespace {

using test::has_line;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config::CorsSettings settings(std::vector<std::string> origins, bool credentials = false)
{
    config::CorsSettings cors;
    cors.origins = std::move(origins);
    cors.credentials = credentials;
    return cors;
}

std::vector<Field> asking(std::string_view origin, std::string_view headers = {})
{
    std::vector<Field> fields = {
        {"Origin",                        origin},
        {"Access-Control-Request-Method", "PUT" }
    };
    if (!headers.empty()) fields.push_back({"Access-Control-Request-Headers", headers});
    return fields;
}

std::string preflight(const config::CorsSettings& cors, const std::vector<Field>& fields,
                      std::vector<std::string> methods = {}, bool keep_alive = true)
{
    return test::written(
        [&](HeadWriter& out) { write_preflight(out, cors, methods, fields, "DATE", keep_alive); });
}

std::string actual(const config::CorsSettings& cors, std::string_view origin)
{
    return test::written([&](HeadWriter& out) { write_cors_fields(out, cors, origin); });
}

TEST(Cors, TakesOnlyARealPreflightForOne) // R25
{
    const Field origin{"Origin", "https://a.example"};
    const Field method{"Access-Control-Request-Method", "PUT"};
    EXPECT_TRUE(is_preflight("OPTIONS", std::vector<Field>{origin, method}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{origin}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{method}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{origin, origin, method}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{origin, method, method}));
    EXPECT_FALSE(is_preflight("OPTIONS", std::vector<Field>{
                                             origin, {"Access_Control_Request_Method", "PUT"}
    }));
    EXPECT_FALSE(is_preflight("GET", std::vector<Field>{origin, method}));
    EXPECT_FALSE(is_preflight("options", std::vector<Field>{origin, method}));
}

TEST(Cors, GivesAListedOriginItsPermissions)
{
    auto cors = settings({"https://a.example", "https://b.example"}, true);
    cors.max_age = std::chrono::seconds{120};
    EXPECT_EQ(preflight(cors, asking("https://b.example", "x-one, X-Two")),
              "HTTP/1.1 204 No Content\r\n"
              "Access-Control-Allow-Origin: https://b.example\r\n"
              "Access-Control-Allow-Credentials: true\r\n"
              "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"
              "Access-Control-Allow-Headers: x-one, X-Two\r\n"
              "Access-Control-Max-Age: 120\r\n"
              "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
              "Date: DATE\r\n\r\n");
    EXPECT_EQ(actual(cors, "https://b.example"),
              "Access-Control-Allow-Origin: https://b.example\r\n"
              "Access-Control-Allow-Credentials: true\r\n"
              "Vary: Origin\r\n");
}

TEST(Cors, GivesAStrangerNone)
{
    const auto cors = settings({"https://a.example"}, true);
    for (const auto* origin : {"https://evil.example", "https://a.example.evil", "http://a.example",
                               "https://a.example:8443", "null", "https://a.exampl",
                               "https://a.example/", "HTTPS://A.EXAMPLE"}) {
        SCOPED_TRACE(origin);
        EXPECT_THAT(preflight(cors, asking(origin)), Not(HasSubstr("Allow")));
        EXPECT_THAT(preflight(cors, asking(origin)), HasSubstr("HTTP/1.1 204 No Content\r\n"));
        EXPECT_EQ(actual(cors, origin), "Vary: Origin\r\n");
    }
    EXPECT_EQ(actual(cors, ""), "Vary: Origin\r\n") << "also the absence depends on the origin";
}

TEST(Cors, OpensToAnybodyOnlyWithoutCredentials)
{
    EXPECT_EQ(actual(settings({"*"}), "https://any.example"), "Access-Control-Allow-Origin: *\r\n");
    EXPECT_EQ(actual(settings({"*"}), ""), "");
    EXPECT_EQ(actual(settings({"*"}, true), "https://any.example"), "Vary: Origin\r\n");
    EXPECT_THAT(preflight(settings({"*"}, true), asking("https://any.example")),
                Not(HasSubstr("Allow")));
    EXPECT_THAT(preflight(settings({}), asking("https://any.example")), Not(HasSubstr("Allow")));
}

TEST(Cors, SaysWhatTheSettingsSay)
{
    auto cors = settings({"https://a.example"});
    EXPECT_TRUE(has_line(preflight(cors, asking("https://a.example"), {"GET", "POST"}),
                         "Access-Control-Allow-Methods: GET, POST"));
    cors.methods = {"PUT"};
    cors.headers = {"Authorization", "Content-Type"};
    cors.exposed_headers = {"X-Total", "ETag"};
    const auto answer = preflight(cors, asking("https://a.example", "x-other"), {"GET"}, false);
    EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Methods: PUT"));
    EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Headers: Authorization, Content-Type"));
    EXPECT_TRUE(has_line(answer, "Connection: close"));
    EXPECT_THAT(answer, Not(HasSubstr("Expose")));
    EXPECT_TRUE(has_line(actual(cors, "https://a.example") + "\r\n",
                         "Access-Control-Expose-Headers: X-Total, ETag"));
}

TEST(Cors, RepeatsOnlyNamesThatAreNames)
{
    const auto cors = settings({"https://a.example"});
    EXPECT_THAT(preflight(cors, asking("https://a.example", "x\"quoted")),
                Not(HasSubstr("Allow-Headers")));
    EXPECT_THAT(preflight(cors, asking("https://a.example")), Not(HasSubstr("Allow-Headers")));
}

} // namespace
} // namespace gatehouse::gateway
