#include "gateway/observe/metrics.hpp"

#include <functional>

namespace gatehouse::gateway {
namespace {

using enum MetricType;

constexpr std::array<std::string_view, 6> class_names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

/// What all workers counted together; `of` picks the counter.
template <class Workers, class Pick>
std::uint64_t sum(const Workers& workers, Pick of)
{
    std::uint64_t total = 0;
    for (const auto* worker : workers) total += std::invoke(of, *worker).value();
    return total;
}

template <class Workers, class Pick>
auth::DurationCounts sum_durations(const Workers& workers, Pick of)
{
    auth::DurationCounts total;
    for (const auto* worker : workers) {
        const DurationCounter& each = std::invoke(of, *worker);
        for (std::size_t i = 0; i < auth::duration_buckets; ++i) {
            total.buckets[i] += each.buckets[i].value();
        }
        total.micros += each.micros.value();
    }
    return total;
}

/// Requests by the class of their status; those that there were, and 2xx, which there will be.
template <class All>
void write_classes(MetricsWriter& out, std::string_view label, const All& all)
{
    constexpr std::size_t good = status_class(200);
    for (const auto& [tally, workers] : all) {
        for (std::size_t i = 0; i < class_names.size(); ++i) {
            const auto times = sum(workers, [i](const auto& c) -> auto& { return c.requests[i]; });
            if (times == 0 && i != good) continue;
            out.sample(
                {
                    {label,    tally->label()},
                    {"status", class_names[i]}
            },
                times);
        }
    }
}

template <class All, class Pick>
void write_durations(MetricsWriter& out, std::string_view label, const All& all, Pick of)
{
    for (const auto& [tally, workers] : all) {
        out.histogram(
            {
                {label, tally->label()}
        },
            sum_durations(workers, of));
    }
}

/// One number of each.
template <class Tallies, class Which>
void write_counts(MetricsWriter& out, std::string_view label, const Tallies& tallies, Which which)
{
    for (const auto& [tally, workers] : tallies) {
        out.sample(
            {
                {label, tally->label()}
        },
            sum(workers, which));
    }
}

void write_routes(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_requests", counter,
               "Finished requests by class of status; none: the client left before an answer.");
    write_classes(out, "route", view.routes);
    out.family(
        "gatehouse_request_duration_seconds", histogram,
        "From the end of a request's head to the end of its answer. WebSockets do not count.");
    write_durations(out, "route", view.routes, &RouteCounters::duration);
    out.family("gatehouse_received_bytes", counter, "Bytes of requests, heads and bodies.");
    write_counts(out, "route", view.routes, &RouteCounters::bytes_in);
    out.family("gatehouse_sent_bytes", counter, "Bytes of answers, heads and bodies.");
    write_counts(out, "route", view.routes, &RouteCounters::bytes_out);
}

void write_requests(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_requests_by_method", counter, "Finished requests by method.");
    for (std::size_t i = 0; i < counted_methods.size(); ++i) {
        const auto of_method = [i](const Counters& c) -> auto& { return c.methods[i]; };
        out.sample(
            {
                {"method", counted_methods[i]}
        },
            sum(view.workers, of_method));
    }
    out.family("gatehouse_refusals", counter, "Answers of the gateway's own that refuse, by code.");
    for (std::size_t i = 0; i < refusal_codes; ++i) {
        const auto of_code = [i](const Counters& c) -> auto& { return c.refusals[i]; };
        out.sample(
            {
                {"code", to_string(static_cast<RefusalCode>(i))}
        },
            sum(view.workers, of_code));
    }
    out.family("gatehouse_reported_refusals", counter,
               "Requests that a route with report_only let pass, by what it would have refused "
               "them with.");
    for (std::size_t i = 0; i < refusal_codes; ++i) {
        const auto of_code = [i](const Counters& c) -> auto& { return c.reports[i]; };
        const auto count = sum(view.workers, of_code);
        if (count == 0) continue; // routes that only report are few
        out.sample(
            {
                {"code", to_string(static_cast<RefusalCode>(i))}
        },
            count);
    }
}

/// One that workers count without labels.
void write(MetricsWriter& out, const MetricsView& view, MetricType type, std::string_view name,
           Counter Counters::* which, std::string_view help)
{
    out.single(name, type, help, sum(view.workers, which));
}

void write_limits(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_rate_refusals", counter,
               "Requests that a rate refused, by the name of the rate.");
    write_counts(out, "rate", view.rates, &RateCounters::refused);
    write(out, view, counter, "gatehouse_requests_shed", &Counters::requests_shed,
          "Requests for upstreams that were refused because of limits.in_flight or "
          "limits.loop_lag.");
    out.single("gatehouse_rate_exchange_failures", counter,
               "Exchanges of shared rates with other gateways that the store did not answer.",
               view.process.rate_exchange_failures);
    out.single("gatehouse_shedding", gauge, "1 while such requests are refused.",
               std::uint64_t{view.process.sheds ? 1U : 0U});
}

void write_cache(MetricsWriter& out, const MetricsView& view)
{
    struct Word {
        const char* name;
        Counter Counters::* counted;
    };

    static constexpr Word all[] = {
        {"hit",         &Counters::cache_hits       },
        {"miss",        &Counters::cache_misses     },
        {"stale",       &Counters::cache_stale      },
        {"revalidated", &Counters::cache_revalidated},
        {"bypass",      &Counters::cache_bypassed   },
    };
    out.family("gatehouse_cache_requests", counter,
               "Requests of routes with `cache`, by what it did.");
    for (const auto& word : all) {
        out.sample(
            {
                {"cache", word.name}
        },
            sum(view.workers, word.counted));
    }
    write(out, view, counter, "gatehouse_cache_revalidations", &Counters::cache_revalidations,
          "Requests for kept answers that were stale, in the background.");
    write(out, view, counter, "gatehouse_cache_sent_bytes", &Counters::cache_bytes,
          "Bytes of bodies that were sent from the cache.");
    out.single("gatehouse_cache_memory_bytes", gauge,
               "What answers that are kept take, with those being read or sent.",
               view.process.cache.bytes);
    out.single("gatehouse_cache_entries", gauge, "Answers that are kept.",
               view.process.cache.entries);
    out.single("gatehouse_cache_evictions", counter, "Answers that went to make room for others.",
               view.process.cache.evictions);
}

void write_compression(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_compressed_answers", counter,
               "Answers that were compressed, of routes with `compression`.");
    for (const auto coding : {ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip}) {
        std::uint64_t answers = 0;
        for (const auto* worker : view.workers)
            answers += worker->compressed[static_cast<std::size_t>(coding)].value();
        out.sample(
            {
                {"encoding", to_string(coding)}
        },
            answers);
    }
    write(out, view, counter, "gatehouse_compressed_in_bytes", &Counters::compressed_bytes_in,
          "Bytes of their bodies before.");
    write(out, view, counter, "gatehouse_compressed_out_bytes", &Counters::compressed_bytes_out,
          "Bytes of their bodies after.");
    out.single("gatehouse_compression_memory_bytes", gauge,
               "What encoders that are at work may take.", view.process.encoder_bytes);
}

void write_upstreams(MetricsWriter& out, const MetricsView& view)
{
    out.family("gatehouse_upstream_requests", counter,
               "Requests to upstreams by class of the status they answered; none: no answer.");
    write_classes(out, "upstream", view.upstreams);
    out.family("gatehouse_upstream_failures", counter,
               "Requests that an upstream did not answer, or not wholly, by code.");
    for (const auto& [tally, workers] : view.upstreams) {
        for (std::size_t i = 0; i < upstream_codes; ++i) {
            const auto code = static_cast<std::size_t>(first_upstream_code) + i;
            const auto of_code = [i](const auto& c) -> auto& { return c.failures[i]; };
            out.sample(
                {
                    {"upstream", tally->label()                           },
                    {"code",     to_string(static_cast<RefusalCode>(code))}
            },
                sum(workers, of_code));
        }
    }
    out.family("gatehouse_upstream_duration_seconds", histogram,
               "From the decision to forward a request to the end of its answer, where there was "
               "one.");
    write_durations(out, "upstream", view.upstreams, &UpstreamCounters::duration);
    out.family("gatehouse_upstream_first_byte_seconds", histogram,
               "From the decision to forward a request to the head of its answer, connecting "
               "included.");
    write_durations(out, "upstream", view.upstreams, &UpstreamCounters::first_byte);
    out.family("gatehouse_upstream_connections_opened", counter, "Connections made to upstreams.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::connections_opened);
    out.family("gatehouse_upstream_retries", counter,
               "Requests sent once more: a reused connection had died, or `retry` says so.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::retries);
    out.family("gatehouse_upstream_retries_held_back", counter,
               "Retries that the budget of the upstream did not allow.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::retries_held_back);
    out.family("gatehouse_upstream_circuit_refusals", counter,
               "Requests that found no endpoint below the limits of `circuit`.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::circuit_refusals);
    out.family("gatehouse_upstream_budget_refusals", counter,
               "Requests that `budget` did not allow.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::budget_refusals);
    out.family("gatehouse_upstream_budget_waits", counter,
               "Requests that waited until `budget` allowed them, or did not.");
    write_counts(out, "upstream", view.upstreams, &UpstreamCounters::budget_waits);
    out.single("gatehouse_budget_portion_failures", counter,
               "Portions of shared budgets that could not be fetched, since the store did not "
               "answer.",
               view.process.budget_portion_failures);
}

void write_connections(MetricsWriter& out, const MetricsView& view)
{
    write(out, view, counter, "gatehouse_connections_accepted", &Counters::connections_accepted,
          "Client connections.");
    write(out, view, counter, "gatehouse_connections_refused", &Counters::connections_refused,
          "Client connections over limits.connections or what is left of descriptors.");
    write(out, view, counter, "gatehouse_connections_refused_by_address",
          &Counters::connections_refused_by_address,
          "Client connections over limits.connections_per_address.");
    write(out, view, gauge, "gatehouse_connections_open", &Counters::connections_open,
          "Client connections open now.");
    out.family("gatehouse_proxy_protocol_refused", counter,
               "Connections closed where the PROXY protocol is required, by reason.");
    for (std::size_t i = 0; i < proxy_refusals; ++i) {
        const auto of_reason = [i](const Counters& c) -> auto& { return c.proxies_refused[i]; };
        out.sample(
            {
                {"reason", to_string(static_cast<ProxyRefusal>(i))}
        },
            sum(view.workers, of_reason));
    }
    write(out, view, counter, "gatehouse_untrusted_proxy_requests", &Counters::unheard_proxies,
          "Requests of private peers that name a client and are not in trusted_proxies.");
    out.family("gatehouse_tls_handshakes", counter,
               "TLS handshakes of clients by what became of them and, where one was agreed on, "
               "version.");
    for (std::size_t i = 0; i < handshake_ends; ++i) {
        const auto end = static_cast<HandshakeEnd>(i);
        const auto of_end = [i](const Counters& c) -> auto& { return c.handshakes[i]; };
        out.sample(
            {
                {"result",  result_of(end) },
                {"version", version_of(end)}
        },
            sum(view.workers, of_end));
    }
    out.single("gatehouse_connections_limit", gauge, "What limits.connections says.",
               view.process.connections_limit);
    write(out, view, gauge, "gatehouse_websockets_open", &Counters::websockets_open,
          "WebSockets open now.");
    write(out, view, gauge, "gatehouse_upstream_connections_open",
          &Counters::upstream_connections_open, "Connections to upstreams open now.");
}

void write_tokens(MetricsWriter& out, const MetricsView& view)
{
    write(out, view, counter, "gatehouse_token_cache_hits", &Counters::token_cache_hits,
          "Tokens recognised without cryptography.");
    write(out, view, counter, "gatehouse_token_cache_misses", &Counters::token_cache_misses,
          "Tokens whose signature was checked.");
    write(out, view, gauge, "gatehouse_token_cache_entries", &Counters::token_cache_entries,
          "Tokens and API keys kept in all workers' caches.");
}

void write_house(MetricsWriter& out, const MetricsView& view)
{
    const auto& process = view.process;
    const auto flag = [](bool is_so) -> std::uint64_t { return is_so ? 1 : 0; };
    out.single("gatehouse_ready", gauge, "1 while new connections are welcome.",
               flag(process.ready));
    out.single("gatehouse_log_lines_dropped", counter, "Log lines nobody read in time.",
               sum(view.workers, &Counters::log_records_dropped) + process.log_lines_dropped);
    out.single("gatehouse_audit_dropped", counter,
               "Security events that left no record in the store.", process.audit_dropped);
    out.single("gatehouse_seen_pairs_dropped", counter,
               "Uses of new token pairs that the store will not hear of.", process.seen_dropped);
    out.single("gatehouse_workers", gauge, "Threads that carry requests.",
               static_cast<std::uint64_t>(view.workers.size()));
    out.family("gatehouse_build", info, "Always 1; the version is a label.");
    out.sample(
        {
            {"version", GATEHOUSE_VERSION}
    },
        std::uint64_t{1});
}

} // namespace

std::string metrics_text(const MetricsView& view, MetricsFormat format)
{
    MetricsWriter out{format};
    write_routes(out, view);
    write_requests(out, view);
    write_limits(out, view);
    write_upstreams(out, view);
    write_cache(out, view);
    write_compression(out, view);
    write_endpoint_metrics(out, view);
    write_connections(out, view);
    write_tokens(out, view);
    write_auth_metrics(out, view.process);
    write_house(out, view);
    write_process_metrics(out, view.process);
    return out.finish();
}

} // namespace gatehouse::gateway
