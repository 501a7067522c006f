#include "gateway/trace/trace_exporter.hpp"

#include "gateway/headers/hex.hpp"
#include "gateway/headers/request_ids.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto telling_every = 1min;

/// Unlike that of any other process, and of this one's next start.
std::string instance_id()
{
    IdSource ids;
    std::string text(2 * hex_digits, '0');
    put_hex(ids.next(), text.data());
    put_hex(ids.next(), text.data() + hex_digits);
    return text;
}

std::string host_name()
{
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

std::string reason_of(const CollectorAnswer& answer)
{
    return answer.status == 0 ? answer.why : "HTTP " + std::to_string(answer.status);
}

} // namespace

TraceExporter::TraceExporter(std::size_t workers, std::size_t queue, EventLog& log)
    : log_(log),
      resource_{.service_name = {},
                .version = GATEHOUSE_VERSION,
                .instance_id = instance_id(),
                .host_name = host_name()}
{
    SpanReader* reader = this;
    for (std::size_t i = 0; i < workers; ++i)
        rings_.push_back(std::make_unique<SpanRing>(queue, reader));
}

TraceExporter::~TraceExporter()
{
    end_by(Steady::now());
}

void TraceExporter::use(const config::TracingSettings& settings)
{
    const std::scoped_lock lock(mutex_);
    if (stopping_) return; // whoever ends it may be waiting for the thread already
    wanted_ = settings;
    has_news_ = true;
    if (!thread_.joinable() && settings.is_on()) thread_ = std::thread([this] { run(); });
    woken_.notify_one();
}

void TraceExporter::finish()
{
    std::chrono::milliseconds flush{};
    {
        const std::scoped_lock lock(mutex_);
        flush = wanted_.flush;
    }
    end_by(Steady::now() + flush);
}

void TraceExporter::end_by(Steady::time_point deadline)
{
    {
        const std::scoped_lock lock(mutex_);
        deadline_ = std::min(deadline_.load(), deadline);
        stopping_ = true;
        woken_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void TraceExporter::wake() noexcept
{
    const std::scoped_lock lock(mutex_);
    hurry_ = true;
    woken_.notify_one();
}

SpanFacts TraceExporter::counts() const noexcept
{
    SpanFacts counts{exported_, 0, not_sent_, rejected_};
    for (const auto& ring : rings_) counts.queue_full += ring->dropped();
    return counts;
}

void TraceExporter::run() noexcept
{
    try {
        collector_ = std::make_unique<Collector>();
        while (wait_for_spans()) send_waiting();
        send_waiting();
    } catch (const std::exception& error) { // no memory: no more spans, and the gateway goes on
        log_.say(config::LogLevel::error, "traces_ended", "no more spans are sent",
                 {
                     {"reason", error.what()}
        });
    }
}

/// false: it is time to end.
bool TraceExporter::wait_for_spans()
{
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, settings_.interval, [this] { return stopping_ || hurry_ || has_news_; });
    hurry_ = false;
    if (std::exchange(has_news_, false)) take_settings();
    return !stopping_;
}

void TraceExporter::take_settings()
{
    settings_ = wanted_;
    resource_.service_name = settings_.service_name;
    collector_->use(settings_);
}

/// Takes what waits into one message. Its place in the rings is free from then on.
std::size_t TraceExporter::fill()
{
    text_.begin(resource_);
    for (std::size_t i = 0; i < rings_.size() && text_.spans() < settings_.batch; ++i) {
        auto& ring = *rings_[(next_ring_ + i) % rings_.size()];
        const auto some = std::min<std::size_t>(ring.size(), settings_.batch - text_.spans());
        for (std::size_t place = 0; place < some; ++place) text_.add(ring.at(place));
        ring.release(some);
    }
    ++next_ring_;
    return text_.spans();
}

void TraceExporter::send_waiting()
{
    for (;;) {
        const auto spans = fill();
        if (spans == 0) return;
        send(spans);
        if (settings_.batch > spans) return; // the others may gather a while
    }
}

void TraceExporter::send(std::size_t spans)
{
    CollectorAnswer answer;
    answer.why = settings_.is_on() ? "there was no time for it" : "tracing is off";
    if (!settings_.is_on()) return lost(spans, answer);
    const auto& message = text_.finish();
    for (unsigned tries = 1; !is_too_late(); ++tries) {
        answer = collector_->post(message, [this] { return is_too_late(); });
        const auto fate = judge(answer);
        if (fate == Export::taken) return taken(spans, answer);
        if (fate == Export::refused || tries == most_tries) break;
        if (!pause(pause_before(tries + 1, answer.retry_after))) break;
    }
    lost(spans, answer);
}

bool TraceExporter::is_too_late() const noexcept
{
    return Steady::now() >= deadline_.load(std::memory_order_relaxed);
}

bool TraceExporter::pause(std::chrono::milliseconds how_long)
{
    std::unique_lock lock(mutex_);
    const auto until = std::min(Steady::now() + how_long, deadline_.load());
    // Whoever ends makes one more try at once, and none of them waits for it longer than that.
    const bool was_stopping = stopping_;
    woken_.wait_until(lock, until,
                      [&] { return (stopping_ && !was_stopping) || has_news_ || is_too_late(); });
    if (std::exchange(has_news_, false)) take_settings();
    return !is_too_late();
}

void TraceExporter::taken(std::size_t spans, const CollectorAnswer& answer)
{
    const auto left_out = rejected_by(answer);
    const auto refused = std::min<std::uint64_t>(left_out.spans, spans);
    exported_ += spans - refused;
    rejected_ += refused;
    if (refused != 0 && !std::exchange(rejection_told_, true)) {
        log_.say(config::LogLevel::warn, "traces_rejected",
                 "the collector does not want some spans",
                 {
                     {"reason", left_out.message},
                     {"spans", std::to_string(refused), true}
        });
    }
    if (!std::exchange(failing_, false)) return;
    log_.say(config::LogLevel::info, "traces_sent", "the collector takes spans again",
             {
                 {"lost", std::to_string(std::exchange(lost_since_told_, 0)), true}
    });
}

void TraceExporter::lost(std::size_t spans, const CollectorAnswer& answer)
{
    (judge(answer) == Export::refused ? rejected_ : not_sent_) += spans;
    if (!settings_.is_on()) return;
    lost_since_told_ += spans;
    const auto now = Steady::now();
    if (std::exchange(failing_, true) && now < next_telling_) return;
    next_telling_ = now + telling_every;
    const auto reason = reason_of(answer);
    log_.say(config::LogLevel::warn, "traces_lost", "spans do not reach their collector",
             {
                 {"reason", reason},
                 {"lost", std::to_string(std::exchange(lost_since_told_, 0)), true}
    });
}

} // namespace gatehouse::gateway
