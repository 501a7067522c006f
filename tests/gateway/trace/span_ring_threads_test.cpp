#include "gateway/trace/span_ring.hpp"
#include "gateway/trace/trace_exporter.hpp"
#include "tests/gateway/support/log_pipe.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::gateway::test {
namespace {

TEST(SpanRing, HandsOverEverySpanInItsOrderOrCountsIt)
{
    struct Reader final : SpanReader {
        void wake() noexcept override { ++times; }

        std::atomic<unsigned> times{0};
    } reader;

    constexpr std::uint64_t all = 20000;
    SpanRing ring(100, &reader);
    std::atomic<bool> over{false};
    std::thread worker([&] {
        for (std::uint64_t i = 1; i <= all; ++i) {
            if (auto* span = ring.next()) {
                span->ids.span = i;
                span->path.assign("/a");
                ring.commit();
            }
        }
        over = true;
    });
    std::uint64_t seen = 0;
    std::uint64_t last = 0;
    for (bool done = false; !done;) {
        done = over;
        for (auto left = ring.size(); left > 0; --left) {
            EXPECT_GT(ring.at(0).ids.span, last);
            EXPECT_EQ(ring.at(0).path.view(), "/a");
            last = ring.at(0).ids.span;
            ring.release(1);
            ++seen;
        }
        std::this_thread::yield();
    }
    worker.join();
    EXPECT_EQ(seen + ring.dropped(), all);
    EXPECT_GE(seen, 100U);
}

TEST(SpanRing, WakesItsReaderWhenHalfFull)
{
    struct Reader final : SpanReader {
        void wake() noexcept override { ++times; }

        unsigned times = 0;
    } reader;

    SpanRing ring(4, &reader);
    const auto push = [&] {
        if (ring.next() == nullptr) return false;
        ring.commit();
        return true;
    };
    EXPECT_TRUE(push());
    EXPECT_EQ(reader.times, 0U);
    EXPECT_TRUE(push());
    EXPECT_EQ(reader.times, 1U);
    EXPECT_TRUE(push() && push());
    EXPECT_FALSE(push());
    EXPECT_EQ(ring.dropped(), 1U);
    ring.release(4);
    EXPECT_TRUE(push());
    EXPECT_EQ(ring.dropped(), 1U);
}

class TraceExporterTest : public testing::Test {
protected:
    void push(TraceExporter& exporter)
    {
        if (exporter.ring(0).next() != nullptr) exporter.ring(0).commit();
    }

    config::LogSettings log_settings;
    LogPipe pipe;
    LogWriter lines{pipe.writer(), 0};
    EventLog log{lines, log_settings};
    config::TracingSettings settings;
};

TEST_F(TraceExporterTest, EndsWhereItNeverBegan)
{
    TraceExporter exporter(2, 64, log);
    exporter.use(settings);
    exporter.finish();
    EXPECT_EQ(exporter.counts().exported, 0U);
}

TEST_F(TraceExporterTest, CountsWhatNobodyTakesAndEndsInTime)
{
    settings.endpoint = "http://127.0.0.1:1"; // where nobody listens
    settings.flush = std::chrono::milliseconds(50);
    TraceExporter exporter(1, 64, log);
    exporter.use(settings);
    for (int i = 0; i < 100; ++i) push(exporter);
    exporter.finish();
    const auto counts = exporter.counts();
    EXPECT_EQ(counts.exported, 0U);
    EXPECT_EQ(counts.not_sent + counts.queue_full, 100U);
    EXPECT_GE(counts.not_sent, 64U);
}

TEST_F(TraceExporterTest, TakesOtherSettingsWhileItWaits)
{
    settings.endpoint = "http://127.0.0.1:1";
    settings.interval = std::chrono::minutes(1);
    TraceExporter exporter(1, 64, log);
    exporter.use(settings);
    push(exporter);
    settings.endpoint.clear();
    exporter.use(settings);
    while (exporter.counts().not_sent == 0) std::this_thread::yield();
    exporter.finish();
    EXPECT_EQ(exporter.counts().not_sent, 1U);
}

} // namespace
} // namespace gatehouse::gateway::test
