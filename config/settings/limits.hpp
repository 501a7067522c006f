#pragma once

#include "config/settings/terms.hpp"
#include "config/settings/tls.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::config {

/// Whether connections begin with a header of the PROXY protocol.
enum class ProxyProtocol { off, required };

constexpr auto words(ProxyProtocol)
{
    using enum ProxyProtocol;
    return std::array{
        Word{"off",      off     },
        Word{"required", required}
    };
}

/// YAML: `listen[]`.
struct ListenSettings {
    /// Port 0: the kernel chooses (printed at start).
    std::string address = "0.0.0.0:8080";
    ProxyProtocol proxy_protocol = ProxyProtocol::off;
    std::optional<ListenTlsSettings> tls{};
    HttpsRedirectSettings redirect_to_https{};

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ListenSettings;
        table.required("address", &Self::address, forms::listen_address,
                       "IP address and port, `127.0.0.1:8080` or `[::]:8080`; the kernel chooses "
                       "a port for 0.");
        table.key("proxy_protocol", &Self::proxy_protocol, AsTyped{},
                  "`required`: connections begin with a header of the PROXY protocol, version 1 "
                  "or 2, which names the client. Only `trusted_proxies` may connect then.");
        table.section("tls", &Self::tls, "HTTPS, with these certificates. Without: plain HTTP.");
        table.switched("redirect_to_https", &Self::redirect_to_https,
                       "A plain listener that sends everybody to the one with `tls` (308), but for "
                       "`/.well-known/acme-challenge/`.");
    }
};

/// YAML: `limits`.
struct LimitSettings {
    std::uint32_t connections = 10'000;
    /// 0: no limit.
    std::uint32_t connections_per_address = 0;
    /// 0: no limit.
    std::uint32_t in_flight = 0;
    /// 0: nothing is shed for it.
    std::chrono::milliseconds loop_lag = 0ms;
    std::uint64_t head_bytes = 32 * KiB;
    std::uint32_t head_fields = 100;
    std::uint64_t target_bytes = 8 * KiB;
    /// 0: no limit (bodies are streamed, never held).
    std::uint64_t max_body_bytes = 0;
    std::uint64_t linger_bytes = 256 * KiB;
    std::uint32_t upstream_idle = 64;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = LimitSettings;
        table.key("connections", &Self::connections, count(1, 1'000'000),
                  "Downstream connections in all; further ones are closed at once.");
        table.key("connections_per_address", &Self::connections_per_address, count(0, 1'000'000),
                  "Those of one address (IPv6: one /64) other than a trusted proxy's; further ones "
                  "are closed at once. 0: no limit.");
        table.key("in_flight", &Self::in_flight, count(0, 1'000'000),
                  "Requests to upstreams under way at once, in this process; 503 above it, while "
                  "logins and probes are still answered. 0: no limit.");
        table.key("loop_lag", &Self::loop_lag, between(0ms, 1min),
                  "A worker whose requests wait so long for their turn, for a second, answers 503 "
                  "to what is for upstreams until it has caught up. 0: never.");
        table.key("head", &Self::head_bytes, bytes(KiB, 64 * KiB),
                  "Largest request head; 431 above it.");
        table.key("head_fields", &Self::head_fields, count(10, 200),
                  "Most fields in a request head; 431 above it.");
        table.key("target", &Self::target_bytes, bytes(256, 64 * KiB),
                  "Longest request target; 414 above it.");
        table.key("max_body", &Self::max_body_bytes, bytes_or_zero(1, 1024 * 1024 * MiB),
                  "Largest request body, 413 above it; 0: no limit, bodies are streamed.");
        table.key("linger", &Self::linger_bytes, bytes_or_zero(1, 64 * MiB),
                  "What a refused request may still send while the refusal is delivered.");
        table.key("upstream_idle", &Self::upstream_idle, count(0, 10'000),
                  "Idle connections kept per endpoint and worker.");
    }
};

/// How long each phase may last. YAML: `deadlines`.
struct DeadlineSettings {
    std::chrono::milliseconds head = 10s;
    std::chrono::milliseconds body_gap = 30s;
    std::chrono::milliseconds keep_alive = 75s;
    std::chrono::milliseconds connect = 2s;
    std::chrono::milliseconds response_head = 60s;
    std::chrono::milliseconds response_gap = 60s;
    std::chrono::milliseconds event_stream_gap = 10min;
    std::chrono::milliseconds websocket_idle = 10min;
    std::chrono::milliseconds write_stall = 30s;
    std::chrono::milliseconds linger = 2s;
    std::chrono::milliseconds upstream_idle = 60s;
    std::chrono::milliseconds store = 1s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = DeadlineSettings;
        table.key("head", &Self::head, between(1ms, 24h),
                  "From the first byte to the end of a request head; 408.");
        table.key("body_gap", &Self::body_gap, between(1ms, 24h),
                  "Silence inside a request body; 408.");
        table.key("keep_alive", &Self::keep_alive, between(1ms, 24h),
                  "Silence between two requests; the connection is closed.");
        table.key("connect", &Self::connect, between(1ms, 24h), "Connecting to an endpoint; 504.");
        table.key("response_head", &Self::response_head, between(1ms, 24h),
                  "From the end of the request to the response head; 504. `routes[].timeout` "
                  "changes it for one route.");
        table.key("response_gap", &Self::response_gap, between(1ms, 24h),
                  "Silence inside a response body; both connections are cut. Where "
                  "`routes[].timeout` is longer, that counts.");
        table.key("event_stream_gap", &Self::event_stream_gap, between(1ms, 24h),
                  "The same inside a `text/event-stream`, where silence is nothing unusual.");
        table.key("websocket_idle", &Self::websocket_idle, between(1ms, 24h),
                  "A WebSocket on which neither side says anything, not even a ping or pong; it "
                  "is closed with 1001.");
        table.key("write_stall", &Self::write_stall, between(1ms, 24h),
                  "A peer that takes nothing; its connection is cut.");
        table.key("linger", &Self::linger, between(1ms, 10min),
                  "How long a refusal given before the body was read waits for the client.");
        table.key("upstream_idle", &Self::upstream_idle, between(1ms, 24h),
                  "An idle upstream connection is closed after this time.");
        table.key("store", &Self::store, between(1ms, 10min),
                  at_start("An auth call that waits for the store; 503."));
    }
};

/// How other processes' changes (logouts, blocks, keys) are heard. YAML: `feed`.
struct FeedSettings {
    std::chrono::milliseconds poll = 25ms;
    std::chrono::milliseconds stale_after = 30s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = FeedSettings;
        table.key(
            "poll", &Self::poll, between(1ms, 1s),
            at_start(
                "How often a server without LISTEN is asked whether somebody else has written, and "
                "SQLite once the kernel has told of a write to its log."));
        table.key("stale_after", &Self::stale_after, between(100ms, 24h),
                  "A feed silent for so long is stale: routes with `on_stale: deny` refuse.");
    }
};

/// YAML: `drain`.
struct DrainSettings {
    std::chrono::milliseconds delay = 5s;
    std::chrono::milliseconds timeout = 25s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = DrainSettings;
        table.key("delay", &Self::delay, between(0s, 1h),
                  "After SIGTERM: not ready, but still accepting, so that balancers notice.");
        table.key("timeout", &Self::timeout, between(0s, 24h),
                  "Then running requests have this long to complete.");
    }
};

/// YAML: `reload`.
struct ReloadSettings {
    bool watch = true;
    std::chrono::milliseconds poll = 2s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = ReloadSettings;
        table.key("watch", &Self::watch, AsTyped{},
                  "Whether a change of this file, or of one it draws in, reloads it by itself. "
                  "SIGHUP always does.");
        table.key("poll", &Self::poll, between(100ms, 1h),
                  "How often those files are looked at besides, where the system does not tell "
                  "(network file systems).");
    }
};

/// YAML: `metrics`.
struct MetricsSettings {
    std::uint32_t routes = 200;
    std::uint32_t upstreams = 200;
    std::uint32_t endpoints = 200;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = MetricsSettings;
        table.key("routes", &Self::routes, count(0, 10'000),
                  "Routes that are counted by themselves; those behind them are counted together, "
                  "as `other`. Each is some 30 series.");
        table.key("upstreams", &Self::upstreams, count(0, 10'000),
                  "The same for upstreams, some 50 series each.");
        table.key(
            "endpoints", &Self::endpoints, count(0, 10'000),
            "The same for the endpoints of all upstreams together, some 15 series each: those "
            "that came first, until a start.");
    }
};

} // namespace gatehouse::config
