#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::config {

/// Whose `traceparent`, `tracestate` and `baggage` are believed.
enum class TraceTrust { always, trusted_proxies, never };

constexpr auto words(TraceTrust)
{
    using enum TraceTrust;
    return std::array{
        Word{"always",          always         },
        Word{"trusted_proxies", trusted_proxies},
        Word{"never",           never          }
    };
}

/// What becomes of `baggage`, which a client fills as it likes.
enum class Baggage { forward, drop };

constexpr auto words(Baggage)
{
    using enum Baggage;
    return std::array{
        Word{"forward", forward},
        Word{"drop",    drop   }
    };
}

/// How requests are followed through services. YAML: `tracing`.
struct TracingSettings {
    std::string endpoint{};
    std::string headers_file{};
    std::string ca_file{};
    std::string service_name = "gatehouse";
    double sample = 1;
    TraceTrust trust = TraceTrust::always;
    Baggage baggage = Baggage::forward;
    std::uint32_t queue = 2048;
    std::uint32_t batch = 512;
    std::chrono::milliseconds interval = 1s;
    std::chrono::milliseconds timeout = 5s;
    std::chrono::milliseconds flush = 2s;

    /// From headers_file, else from OTEL_EXPORTER_OTLP_HEADERS (never YAML): one `name: value` per
    /// line.
    Secret headers{};

    [[nodiscard]] bool is_on() const noexcept { return !endpoint.empty(); }

    /// Whether the trace of a client is believed that is one of `trusted_proxies`, or is not.
    [[nodiscard]] bool believes(bool peer_trusted) const noexcept
    {
        return trust == TraceTrust::always ||
               (trust == TraceTrust::trusted_proxies && peer_trusted);
    }

    template <class Table>
    static void describe(Table& table)
    {
        using Self = TracingSettings;
        table.key(
            "endpoint", &Self::endpoint, forms::collector_url,
            "Where spans are sent as OTLP over HTTP, in JSON: a collector's URL, for example "
            "`http://127.0.0.1:4318`; without a path it gets `/v1/traces`. Without: no spans.");
        table.key(
            "headers_file", &Self::headers_file, forms::file_path,
            "Holds what the collector wants to be shown, one `name: value` per line. Without: "
            "`OTEL_EXPORTER_OTLP_HEADERS` from the environment, or nothing.");
        table.key(
            "ca_file", &Self::ca_file, forms::file_path,
            "With `https://`: who may have signed the collector's certificate (PEM). Without: "
            "the system's authorities.");
        table.key("service_name", &Self::service_name, forms::word,
                  "What traces call this gateway.");
        table.key("sample", &Self::sample, Ratio{},
                  "Which part of the traces that begin here is recorded. One that is believed goes "
                  "on as its client decided.");
        table.key("trust", &Self::trust, AsTyped{},
                  "Whose `traceparent`, `tracestate` and `baggage` are believed; others' requests "
                  "begin a trace of their own, and their baggage ends here.");
        table.key(
            "baggage", &Self::baggage, AsTyped{},
            "What becomes of the `baggage` of those who are believed: upstreams get it, if it "
            "is as the standard has it, or nobody does.");
        table.key("queue", &Self::queue, count(64, 65536),
                  at_start("How many spans of each worker may wait; what finds no room is dropped "
                           "and counted. Each takes about 1 KiB, once it is used."));
        table.key("batch", &Self::batch, count(1, 4096), "Most spans in one message.");
        table.key("interval", &Self::interval, between(50ms, 1min),
                  "How often waiting spans are sent; sooner where many wait.");
        table.key("timeout", &Self::timeout, between(100ms, 1min),
                  "How long the collector may take for a message.");
        table.key("flush", &Self::flush, between(0ms, 1min),
                  "How long a gateway that ends tries to send what still waits.");
    }
};

} // namespace gatehouse::config
