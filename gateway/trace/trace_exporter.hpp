#pragma once

#include "config/settings/tracing.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/trace/collector.hpp"
#include "gateway/trace/otlp_text.hpp"
#include "gateway/trace/span_ring.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// The one thread that sends spans to a collector. A collector that is slow or gone loses spans,
/// which are counted, and never holds up a worker, a reload or the end.
class TraceExporter final : private SpanReader {
public:
    /// One ring for each worker. `log` outlives it. No thread runs before tracing is on.
    TraceExporter(std::size_t workers, std::size_t queue, EventLog& log);
    TraceExporter(const TraceExporter&) = delete;
    TraceExporter& operator=(const TraceExporter&) = delete;
    /// Gives up what still waits.
    ~TraceExporter();

    /// From now on spans go where these settings say. One thread at a time.
    void use(const config::TracingSettings& settings);

    [[nodiscard]] SpanRing& ring(std::size_t worker) noexcept { return *rings_[worker]; }

    /// After the workers: sends what waits, for as long as `tracing.flush` says, and ends.
    void finish();

    /// What became of spans; from any thread.
    [[nodiscard]] SpanFacts counts() const noexcept;

private:
    using Steady = std::chrono::steady_clock;

    void wake() noexcept override;
    void run() noexcept;
    [[nodiscard]] bool wait_for_spans();
    void take_settings();
    [[nodiscard]] std::size_t fill();
    void send_waiting();
    void send(std::size_t spans);
    void taken(std::size_t spans, const CollectorAnswer& answer);
    void lost(std::size_t spans, const CollectorAnswer& answer);
    /// false: there is no time for another try.
    [[nodiscard]] bool pause(std::chrono::milliseconds how_long);
    [[nodiscard]] bool is_too_late() const noexcept;
    void end_by(Steady::time_point deadline);

    EventLog& log_;
    std::vector<std::unique_ptr<SpanRing>> rings_;
    TraceResource resource_;

    // The thread's own.
    config::TracingSettings settings_;
    std::unique_ptr<Collector> collector_;
    OtlpText text_;
    std::size_t next_ring_ = 0;
    bool failing_ = false;
    bool rejection_told_ = false;
    std::uint64_t lost_since_told_ = 0;
    Steady::time_point next_telling_{};

    std::atomic<std::uint64_t> exported_{0};
    std::atomic<std::uint64_t> not_sent_{0};
    std::atomic<std::uint64_t> rejected_{0};
    std::atomic<Steady::time_point> deadline_{Steady::time_point::max()};

    std::mutex mutex_;
    std::condition_variable woken_;
    config::TracingSettings wanted_; // guarded by mutex_, as what follows
    bool has_news_ = false;
    bool hurry_ = false;
    bool stopping_ = false;
    std::thread thread_; // last: it uses everything above
};

} // namespace gatehouse::gateway
