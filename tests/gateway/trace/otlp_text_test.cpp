#include "auth/json/reader.hpp"
#include "gateway/trace/otlp_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const TraceResource resource{"edge", "1.2", "i-1", "host-1"};

SpanRecord span_of(SpanKind kind)
{
    SpanRecord span;
    span.ids = {0x0af7651916cd43ddU, 0x8448eb211c80319cU, 7, 1};
    span.kind = kind;
    span.began = 1'700'000'000'000'000'001;
    span.ended = 1'700'000'000'000'000'002;
    return span;
}

std::string text_of(const SpanRecord& span)
{
    OtlpText text;
    text.begin(resource);
    text.add(span);
    return text.finish();
}

TEST(OtlpText, IsAMessageAsTheProtocolHasIt)
{
    auto span = span_of(SpanKind::request);
    span.parent = 0xb7ad6b7169203331U;
    span.method.assign("GET");
    span.route.assign("/orders/**");
    span.path.assign("/orders/7");
    span.status = 200;
    EXPECT_EQ(
        text_of(span),
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"edge"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2"}},)"
        R"({"key":"service.instance.id","value":{"stringValue":"i-1"}},)"
        R"({"key":"host.name","value":{"stringValue":"host-1"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"gatehouse","version":"1.2"},"spans":[)"
        R"({"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"0000000000000007",)"
        R"("parentSpanId":"b7ad6b7169203331","flags":1,"name":"GET /orders/**","kind":2,)"
        R"("startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002",)"
        R"("attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},)"
        R"({"key":"url.scheme","value":{"stringValue":"http"}},)"
        R"({"key":"url.path","value":{"stringValue":"/orders/7"}},)"
        R"({"key":"http.route","value":{"stringValue":"/orders/**"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"200"}}]}]}]}]})");
}

TEST(OtlpText, NamesSpansByWhatTheyAre)
{
    auto request = span_of(SpanKind::request);
    request.method.assign("GET");
    EXPECT_THAT(text_of(request), HasSubstr(R"("name":"GET","kind":2)"));

    auto auth = span_of(SpanKind::auth);
    auth.outcome.assign("token_expired");
    EXPECT_THAT(text_of(auth), HasSubstr(R"("name":"auth","kind":1)"));
    EXPECT_THAT(text_of(auth), Not(HasSubstr("status")));

    auto upstream = span_of(SpanKind::upstream);
    upstream.method.assign("PUT");
    upstream.address.assign("::1");
    upstream.port = 80;
    upstream.path.assign("/a");
    upstream.resends = 1;
    upstream.failed = true;
    upstream.error.assign("upstream_reset");
    const auto text = text_of(upstream);
    EXPECT_THAT(text, HasSubstr(R"("name":"PUT","kind":3)"));
    EXPECT_THAT(text, HasSubstr(R"({"stringValue":"http://[::1]:80/a"})"));
    EXPECT_THAT(text, HasSubstr(R"("http.request.resend_count","value":{"intValue":"1"})"));
    EXPECT_THAT(text, HasSubstr(R"("error.type","value":{"stringValue":"upstream_reset"})"));
    EXPECT_THAT(text, HasSubstr(R"("status":{"code":2})"));

    auto store = span_of(SpanKind::store);
    store.route.assign("sqlite");
    store.outcome.assign("read");
    EXPECT_THAT(text_of(store), HasSubstr(R"("name":"read sqlite","kind":3)"));
}

TEST(OtlpText, StaysJsonWhateverAClientSent)
{
    auto span = span_of(SpanKind::request);
    span.user_agent.assign("\"\\\x01\xff\n");
    span.path.assign(std::string(300, 'x') + "\xc3\xa9");
    EXPECT_TRUE(auth::json::read(text_of(span)));

    ShortText<4> cut;
    cut.assign("abc\xc3\xa9");
    EXPECT_EQ(cut.view(), "abc") << "never inside a character";
    cut.assign("ab\xc3\xa9");
    EXPECT_EQ(cut.view(), "ab\xc3\xa9");
}

} // namespace
} // namespace gatehouse::gateway::test
