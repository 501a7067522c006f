#include "gateway/http/head.hpp"
#include "gateway/trace/tracer.hpp"
#include "tests/gateway/support/allocation_count.hpp"
#include "tests/gateway/support/heads.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::gateway::test {
namespace {

using Steady = std::chrono::steady_clock;

class TracerTest : public testing::Test {
protected:
    RequestTrace begun(Tracer& tracer, const RequestHead& head, bool believed = true)
    {
        RequestTrace trace;
        tracer.begin(trace, head, believed, Steady::now(), ids);
        return trace;
    }

    AccessRecord record_of(const RequestHead& head)
    {
        AccessRecord record;
        record.client = "192.0.2.7";
        record.method = "GET";
        record.host = "gate.example:8443";
        record.path = "/a";
        record.status = 200;
        record.user_id = "user-1";
        record.head = &head;
        return record;
    }

    config::Settings settings;
    SpanRing ring{64, nullptr};
    IdSource ids;
};

TEST_F(TracerTest, GoesOnWithATraceThatIsBelieved)
{
    Tracer tracer(settings, ring);
    const auto head =
        request("GET", "/",
                {
                    {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    });
    const auto believed = begun(tracer, head);
    EXPECT_TRUE(believed.sampled);
    EXPECT_EQ(believed.id(), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(believed.parent, 0xb7ad6b7169203331U);
    EXPECT_NE(believed.ids.span, believed.parent);

    const auto stranger = begun(tracer, head, false);
    EXPECT_TRUE(stranger.sampled);
    EXPECT_EQ(stranger.parent, 0U);
    EXPECT_NE(stranger.id(), believed.id());
}

TEST_F(TracerTest, PutsNoCredentialIntoASpan)
{
    Tracer tracer(settings, ring);
    const std::string key = "gh_" + std::string(73, 'k');
    const auto head = request("GET", "/",
                              {
                                  {"User-Agent", "Bearer to-look-for-0123456789"}
    });
    const auto trace = begun(tracer, head);
    auto record = record_of(head);
    const auto path = "/a/token=to-look-for/" + key;
    record.path = path;
    tracer.ended(trace, record, "/**", false);
    ASSERT_EQ(ring.size(), 1U);
    const auto& span = ring.at(0);
    for (const auto text : {span.path.view(), span.user_agent.view()}) {
        EXPECT_EQ(text.find("to-look-for"), text.npos) << text;
        EXPECT_EQ(text.find("kkk"), text.npos) << text;
    }
    EXPECT_EQ(span.address.view(), "gate.example");
    EXPECT_EQ(span.port, 8443);
    EXPECT_EQ(span.user_id.view(), "user-1");
}

TEST_F(TracerTest, TellsOfPeopleWhatTheLogMay)
{
    settings.log.redact.user_id = config::Redaction::hash;
    settings.log.redact.client = config::Redaction::mask;
    Tracer tracer(settings, ring);
    const auto head = request("GET", "/");
    tracer.ended(begun(tracer, head), record_of(head), {}, false);
    EXPECT_EQ(ring.at(0).user_id.view(), "");
    EXPECT_EQ(ring.at(0).client.view(), "192.0.2.0");
}

TEST_F(TracerTest, HangsSpansBelowThatOfTheRequest)
{
    Tracer tracer(settings, ring);
    const auto head = request("GET", "/");
    auto trace = begun(tracer, head);
    tracer.decided(trace, {.began = Steady::now(), .outcome = "user", .source = "cache"}, ids);
    Tracer::begin_asking(trace, "10.0.0.1:8080", false, ids);
    tracer.asked(trace, {.method = "FROB", .path = "/a", .status = 404, .error = {}});
    trace.calls.add({});
    tracer.called_stores(trace, ids);
    tracer.ended(trace, record_of(head), {}, false);
    ASSERT_EQ(ring.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(ring.at(i).parent, trace.ids.span);
    EXPECT_EQ(ring.at(1).ids.span, trace.told.span) << "what the upstream was told";
    EXPECT_EQ(ring.at(1).method.view(), "_OTHER") << "nobody makes up names of spans";
    EXPECT_TRUE(ring.at(1).failed);
    EXPECT_EQ(ring.at(3).ids.span, trace.ids.span);
    EXPECT_EQ(ring.at(3).parent, 0U);
    EXPECT_FALSE(ring.at(3).failed);
}

TEST_F(TracerTest, AllocatesNothingOnceWarm)
{
    if (!counts_allocations()) GTEST_SKIP() << "a sanitizer owns the allocator";
    Tracer tracer(settings, ring);
    const auto head = request("GET", "/",
                              {
                                  {"User-Agent", std::string_view("a browser of some kind")}
    });
    const auto record = record_of(head);
    const auto one = [&] {
        const auto trace = begun(tracer, head);
        tracer.ended(trace, record, "/**", false);
        ring.release(1);
    };
    one();
    const auto before = allocations();
    one();
    EXPECT_EQ(allocations() - before, 0U);
}

} // namespace
} // namespace gatehouse::gateway::test
