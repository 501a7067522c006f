#include "gateway/observe/metrics.hpp"

#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <string_view>

namespace gatehouse::gateway {
namespace {

using Workers = std::span<const Counters* const>;

/// Writes families one after the other, each with its help and type.
class MetricsText {
public:
    explicit MetricsText(Workers workers) : workers_(workers) {}

    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        put("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    }

    template <class... Values>
    void put(fmt::format_string<Values...> format, Values&&... values)
    {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    }

    void single(std::string_view name, std::string_view type, std::string_view help, auto value)
    {
        family(name, type, help);
        put("{} {}\n", name, value);
    }

    /// What all workers counted together; `of` picks the counter.
    template <class Pick>
    [[nodiscard]] std::uint64_t sum(Pick of) const
    {
        std::uint64_t total = 0;
        for (const auto* worker : workers_) total += std::invoke(of, *worker).value();
        return total;
    }

    void counter(std::string_view name, std::string_view help, Counter Counters::* which)
    {
        single(name, "counter", help, sum(which));
    }

    void gauge(std::string_view name, std::string_view help, Counter Counters::* which)
    {
        single(name, "gauge", help, sum(which));
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    Workers workers_;
    std::string text_;
};

void write_requests(MetricsText& out)
{
    constexpr auto name = "gatehouse_requests_total";
    out.family(name, "counter", "Finished requests by class of status; none: the client left.");
    constexpr std::string_view classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t i = 0; i < std::size(classes); ++i) {
        const auto of_class = [i](const Counters& c) -> const Counter& { return c.requests[i]; };
        out.put("{}{{status=\"{}\"}} {}\n", name, classes[i], out.sum(of_class));
    }
}

void write_refusals(MetricsText& out)
{
    constexpr auto name = "gatehouse_refusals_total";
    out.family(name, "counter", "Answers of the gateway's own that refuse, by code.");
    for (std::size_t i = 0; i < refusal_codes; ++i) {
        const auto of_code = [i](const Counters& c) -> const Counter& { return c.refusals[i]; };
        out.put("{}{{code=\"{}\"}} {}\n", name, to_string(static_cast<RefusalCode>(i)),
                out.sum(of_code));
    }
}

void write_durations(MetricsText& out)
{
    constexpr auto name = "gatehouse_request_duration_seconds";
    out.family(name, "histogram", "From the end of a request's head to the end of its answer.");
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i <= request_microsecond_bounds.size(); ++i) {
        so_far +=
            out.sum([i](const Counters& c) -> const Counter& { return c.request_duration[i]; });
        const auto bound =
            i < request_microsecond_bounds.size()
                ? fmt::format("{}", static_cast<double>(request_microsecond_bounds[i]) / 1e6)
                : "+Inf";
        out.put("{}_bucket{{le=\"{}\"}} {}\n", name, bound, so_far);
    }
    const auto micros = out.sum(&Counters::request_microseconds);
    out.put("{}_sum {}\n", name, static_cast<double>(micros) / 1e6);
    out.put("{}_count {}\n", name, so_far);
}

void write_traffic(MetricsText& out)
{
    out.counter("gatehouse_received_bytes_total", "Bytes of requests.", &Counters::bytes_in);
    out.counter("gatehouse_sent_bytes_total", "Bytes of answers.", &Counters::bytes_out);
    out.counter("gatehouse_connections_accepted_total", "Client connections.",
                &Counters::connections_accepted);
    out.gauge("gatehouse_connections_open", "Client connections open now.",
              &Counters::connections_open);
    out.counter("gatehouse_connections_refused_total", "Connections over limits.connections.",
                &Counters::connections_refused);
    out.counter("gatehouse_upstream_connections_opened_total", "Connections made to upstreams.",
                &Counters::upstream_connections_opened);
    out.gauge("gatehouse_upstream_connections_open", "Connections to upstreams open now.",
              &Counters::upstream_connections_open);
    out.counter("gatehouse_upstream_retries_total",
                "Requests sent once more because a reused connection had died.",
                &Counters::upstream_requests_retried);
}

void write_feeds(MetricsText& out, std::span<const FeedFacts> feeds)
{
    out.family("gatehouse_change_feed_lag_seconds", "gauge",
               "Since other processes' changes were last heard.");
    for (const auto& feed : feeds) {
        out.put("gatehouse_change_feed_lag_seconds{{feed=\"{}\"}} {}\n", feed.name,
                feed.lag_seconds);
    }
    out.family("gatehouse_change_feed_sequence", "gauge",
               "Number of the last change heard; replicas that know the same show the same.");
    for (const auto& feed : feeds) {
        out.put("gatehouse_change_feed_sequence{{feed=\"{}\"}} {}\n", feed.name, feed.sequence);
    }
}

void write_config(MetricsText& out, const ConfigFacts& config)
{
    constexpr auto name = "gatehouse_config_reloads_total";
    out.family(name, "counter", "Reloads of the configuration by what became of them.");
    out.put("{}{{result=\"ok\"}} {}\n", name, config.reloads_ok);
    out.put("{}{{result=\"failed\"}} {}\n", name, config.reloads_failed);
    out.single("gatehouse_config_last_reload_successful", "gauge",
               "0 while the configuration on disk is refused and an older one in force.",
               config.last_reload_ok ? 1 : 0);
    out.single("gatehouse_config_generation", "gauge",
               "Number of the settings in force; each reload that changed them adds one.",
               config.generation);
    out.single("gatehouse_config_generations_live", "gauge",
               "Settings in memory: those in force, and older ones that a request still uses.",
               config.live_generations);
}

void write_process(MetricsText& out, const ProcessFacts& process)
{
    out.counter("gatehouse_token_cache_hits_total", "Tokens recognised without cryptography.",
                &Counters::token_cache_hits);
    out.counter("gatehouse_token_cache_misses_total", "Tokens whose signature was checked.",
                &Counters::token_cache_misses);
    out.single("gatehouse_revocations", "gauge", "Sessions and users that are refused by memory.",
               process.revoked_sessions);
    write_feeds(out, process.feeds);
    out.single("gatehouse_store_up", "gauge", "1 while the store answers.",
               process.store_up ? 1 : 0);
    out.single("gatehouse_ready", "gauge", "1 while new connections are welcome.",
               process.ready ? 1 : 0);
    out.single("gatehouse_log_lines_dropped_total", "counter", "Log lines nobody read in time.",
               out.sum(&Counters::log_records_dropped) + process.log_lines_dropped);
    out.single("gatehouse_audit_dropped_total", "counter",
               "Security events that left no record in the store.", process.audit_dropped);
    write_config(out, process.config);
    out.family("gatehouse_build_info", "gauge", "Always 1; the version is a label.");
    out.put("gatehouse_build_info{{version=\"{}\"}} 1\n", GATEHOUSE_VERSION);
}

} // namespace

std::string metrics_text(std::span<const Counters* const> workers, const ProcessFacts& process)
{
    MetricsText out{workers};
    write_requests(out);
    write_refusals(out);
    write_durations(out);
    write_traffic(out);
    write_process(out, process);
    return out.take();
}

} // namespace gatehouse::gateway
