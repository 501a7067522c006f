#include "gateway/observe/counters.hpp"
#include "gateway/pipeline/refusal_answer.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::gateway {
namespace {

using test::has_line;
using testing::HasSubstr;
using testing::Not;

std::string write(const Refusal& refusal, RefusedRequest request = {})
{
    if (request.request_id.empty()) request.request_id = "req-1";
    request.delivery.date = "NOW";
    return test::written([&](HeadWriter& out) { write_refusal(out, refusal, request); });
}

std::string body(std::string_view answer)
{
    return std::string{answer.substr(answer.find("\r\n\r\n") + 4)};
}

std::string head(std::string_view answer)
{
    return std::string{answer.substr(0, answer.find("\r\n\r\n") + 2)};
}

TEST(Refusal, HasOneShape)
{
    EXPECT_EQ(
        write(RefusalCode::token_expired),
        "HTTP/1.1 401 Unauthorized\r\n"
        "Content-Type: application/json\r\n"
        "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
        "Cache-Control: no-store\r\n"
        "Date: NOW\r\n"
        "Content-Length: 91\r\n"
        "\r\n"
        R"({"error":{"status":401,"code":"token_expired","message":"jwt expired","requestId":"req-1"}})");
}

TEST(Refusal, TakesTheShapeOfOtherServers)
{
    RefusedRequest nested;
    nested.shape = config::ErrorBody::nested;
    RefusedRequest message;
    message.shape = config::ErrorBody::message;
    Refusal fields(RefusalCode::invalid_fields);
    fields.fields = {
        {"email",    "is no email"},
        {"password", "is short"   }
    };
    Refusal other(RefusalCode::refresh_token_invalid);
    other.status = 401;

    EXPECT_EQ(body(write(RefusalCode::token_expired, nested)),
              R"({"error":{"status":401,"message":"jwt expired"}})");
    EXPECT_EQ(body(write(other, nested)),
              R"({"error":{"status":401,"message":"invalid refresh token"}})");
    EXPECT_EQ(body(write(fields, nested)),
              R"({"error":{"status":422,"message":"email: is no email; password: is short"}})");
    EXPECT_EQ(body(write(RefusalCode::token_expired, message)), R"({"message":"jwt expired"})");
    EXPECT_THAT(write(RefusalCode::token_expired, message), HasSubstr("Content-Length: 25\r\n"));
    EXPECT_THAT(write(RefusalCode::token_expired, message), HasSubstr("WWW-Authenticate: Bearer"));
}

TEST(Refusal, KnowsTheStatusOfEveryCode)
{
    const std::set<unsigned> statuses = {400, 401, 403, 404, 405, 408, 409, 413, 414,
                                         415, 422, 429, 431, 501, 502, 503, 504};
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < refusal_codes; ++i) {
        const auto code = static_cast<RefusalCode>(i);
        SCOPED_TRACE(to_string(code));
        EXPECT_TRUE(statuses.contains(status_of(code)));
        EXPECT_FALSE(reason_phrase(status_of(code)).empty());
        EXPECT_FALSE(default_message(code).empty());
        EXPECT_TRUE(codes.insert(to_string(code)).second) << "two codes share a name";
    }
    EXPECT_FALSE(codes.contains("unknown"));
}

TEST(Refusal, ChallengesEvery401AndNamesOnlyTheCode) // R38
{
    struct Case {
        RefusalCode code;
        std::string_view challenge;
    };

    const Case cases[] = {
        {RefusalCode::token_missing,       "WWW-Authenticate: Bearer"                        },
        {RefusalCode::invalid_credentials, "WWW-Authenticate: Bearer"                        },
        {RefusalCode::token_expired,       "WWW-Authenticate: Bearer error=\"invalid_token\""},
        {RefusalCode::token_revoked,       "WWW-Authenticate: Bearer error=\"invalid_token\""},
        {RefusalCode::token_invalid,       "WWW-Authenticate: Bearer error=\"invalid_token\""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.code);
        EXPECT_TRUE(has_line(write(Refusal{c.code, "bad_signature"}), c.challenge));
        EXPECT_THAT(write(Refusal{c.code, "bad_signature"}), Not(HasSubstr("bad_signature")));
    }
    EXPECT_THAT(write(RefusalCode::forbidden), Not(HasSubstr("WWW-Authenticate")));
    EXPECT_THAT(write(RefusalCode::refresh_token_expired), Not(HasSubstr("WWW-Authenticate")));
}

TEST(Refusal, SaysWhatIsAllowedAndWhenToComeBack)
{
    Refusal method{RefusalCode::method_not_allowed};
    method.allow = "GET, HEAD";
    EXPECT_TRUE(has_line(write(method), "Allow: GET, HEAD"));

    Refusal slow{RefusalCode::too_many_attempts};
    slow.retry_after = 17;
    EXPECT_TRUE(has_line(write(slow), "Retry-After: 17"));
    for (const auto code : {RefusalCode::too_many_attempts, RefusalCode::store_unavailable,
                            RefusalCode::overloaded, RefusalCode::draining}) {
        EXPECT_TRUE(has_line(write(code), "Retry-After: 1")) << code;
    }
    EXPECT_THAT(write(RefusalCode::upstream_timeout), Not(HasSubstr("Retry-After")));
}

TEST(Refusal, ListsFieldsAndEscapesWhateverStandsInThem)
{
    Refusal refusal{RefusalCode::invalid_fields};
    refusal.fields = {
        {"username", "may not hold \"@\"\r\n"},
        {"password", "too short"             }
    };
    EXPECT_EQ(
        body(write(refusal)),
        R"({"error":{"status":422,"code":"invalid_fields","message":"Some fields are not valid",)"
        R"("requestId":"req-1","fields":[{"name":"username","message":"may not hold \"@\"\r\n"},)"
        R"({"name":"password","message":"too short"}]}})");
    Refusal own{RefusalCode::bad_request};
    own.message = "no\\way";
    EXPECT_THAT(body(write(own)), HasSubstr(R"("message":"no\\way")"));
}

TEST(Refusal, MayCarryAnotherStatusThanItsCode)
{
    Refusal wrong_current{RefusalCode::invalid_credentials};
    wrong_current.status = 403;
    const auto answer = write(wrong_current);
    EXPECT_TRUE(has_line(answer, "HTTP/1.1 403 Forbidden"));
    EXPECT_THAT(answer, HasSubstr(R"("status":403,"code":"invalid_credentials")"));
    EXPECT_THAT(answer, Not(HasSubstr("WWW-Authenticate")));
}

TEST(Refusal, GivesHeadTheHeadAlone) // RFC 9110, 9.3.2
{
    RefusedRequest request;
    request.delivery.head_request = true;
    const auto alone = write(RefusalCode::not_found, request);
    EXPECT_EQ(body(alone), "");
    EXPECT_EQ(head(alone), head(write(RefusalCode::not_found)));
}

TEST(Refusal, GoesOutAsItsDeliverySays)
{
    config::CorsSettings cors;
    cors.origins = {"https://a.example"};
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"Set-Cookie", "r=; Max-Age=0"}
    };
    RefusedRequest request;
    request.delivery.keep_alive = false;
    request.delivery.cors = &cors;
    request.delivery.origin = "https://a.example";
    request.fields = fields;
    const auto answer = write(RefusalCode::token_missing, request);
    EXPECT_TRUE(has_line(answer, "Connection: close"));
    EXPECT_TRUE(has_line(answer, "Access-Control-Allow-Origin: https://a.example"));
    EXPECT_TRUE(has_line(answer, "Set-Cookie: r=; Max-Age=0"));
}

TEST(Refusal, SpeaksGrpcToGrpcClients)
{
    struct Case {
        RefusalCode code;
        std::string_view status;
    };

    const Case cases[] = {
        {RefusalCode::token_missing,        "grpc-status: 16"},
        {RefusalCode::token_expired,        "grpc-status: 16"},
        {RefusalCode::forbidden,            "grpc-status: 7" },
        {RefusalCode::not_found,            "grpc-status: 12"},
        {RefusalCode::upstream_unreachable, "grpc-status: 14"},
        {RefusalCode::store_unavailable,    "grpc-status: 14"},
        {RefusalCode::bad_request,          "grpc-status: 13"},
    };
    RefusedRequest request;
    for (const auto* type :
         {"application/grpc", "Application/gRPC+proto", "application/grpc-web"}) {
        request.content_type = type;
        for (const auto& c : cases) {
            SCOPED_TRACE(c.code);
            const auto answer = write(c.code, request);
            EXPECT_TRUE(has_line(answer, "HTTP/1.1 200 OK"));
            EXPECT_TRUE(has_line(answer, c.status));
            EXPECT_TRUE(has_line(answer, "Content-Length: 0"));
            EXPECT_TRUE(has_line(answer, "Cache-Control: no-store"));
            EXPECT_EQ(body(answer), "");
        }
    }
    Refusal odd{RefusalCode::forbidden};
    odd.message = "50%\r\nno";
    EXPECT_TRUE(has_line(write(odd, request), "grpc-message: 50%25%0D%0Ano"));
    request.content_type = "application/grp";
    EXPECT_TRUE(has_line(write(odd, request), "HTTP/1.1 403 Forbidden"));
}

} // namespace
} // namespace gatehouse::gateway
