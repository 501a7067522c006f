#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

using namespace std::chrono_literals;

/// YAML: `listen[]`.
struct ListenSettings {
    /// host:port, [v6]:port; port 0: the kernel chooses (printed at start).
    std::string address = "0.0.0.0:8080";
};

/// YAML: `limits`.
struct LimitSettings {
    std::uint32_t connections = 10'000;
    std::uint64_t head_bytes = 32 * 1024;  // 431
    std::uint32_t head_fields = 100;       // 431
    std::uint64_t target_bytes = 8 * 1024; // 414
    /// Largest request body, 413 above it; 0: no limit (bodies are streamed, never held).
    std::uint64_t max_body_bytes = 0;
    /// What a refused request may still send while the refusal is delivered.
    std::uint64_t linger_bytes = 256 * 1024;
    /// Idle connections kept per endpoint and worker.
    std::uint32_t upstream_idle = 64;
};

/// How long each phase may last. YAML: `deadlines`.
struct DeadlineSettings {
    std::chrono::milliseconds head = 10s;          // first byte to end of head: 408
    std::chrono::milliseconds body_gap = 30s;      // silence inside a request body: 408
    std::chrono::milliseconds keep_alive = 75s;    // idle between requests: closed
    std::chrono::milliseconds connect = 2s;        // 504 upstream_timeout
    std::chrono::milliseconds response_head = 60s; // 504 upstream_timeout; routes[].timeout
    std::chrono::milliseconds response_gap = 60s;  // silence inside a response body: cut
    std::chrono::milliseconds write_stall = 30s;   // a peer that takes nothing: cut
    std::chrono::milliseconds linger = 2s;         // after a refusal before the body was read
    std::chrono::milliseconds upstream_idle = 60s; // an unused upstream connection is closed
    std::chrono::milliseconds store = 1s;          // an auth call that waits for the store: 503
};

/// YAML: `drain`.
struct DrainSettings {
    std::chrono::milliseconds delay = 5s;
    std::chrono::milliseconds timeout = 25s;
};

/// CORS for a route or the auth API. YAML: `cors`.
struct CorsSettings {
    std::vector<std::string> origins; // exact origins, or "*" (never with credentials)
    bool credentials = false;
    std::vector<std::string> methods; // empty: those of the route, or the common ones
    std::vector<std::string> headers; // request headers a page may send; empty: what it asks for
    std::vector<std::string> exposed_headers;
    std::chrono::seconds max_age = 600s;
};

enum class Balance { round_robin };

/// YAML: `upstreams.<name>`.
struct UpstreamSettings {
    std::vector<std::string> endpoints; // http://host:port
    Balance balance = Balance::round_robin;
};

enum class AuthMode { required, optional, none };
enum class HostHeader { client, upstream };
enum class OnStale { allow, deny };

/// YAML: `routes[]`.
struct RouteSettings {
    std::string match;                // path pattern: literals, `*` one segment, `**` the rest
    std::string host;                 // "", "api.example.com" or "*.example.com"
    std::vector<std::string> methods; // empty: any
    AuthMode auth = AuthMode::required;
    std::vector<std::string> roles; // of `auth: {roles: [..]}`: the user needs one of them
    std::string to;                 // an upstream's name or a URL
    std::string strip_prefix;
    HostHeader host_header = HostHeader::client; // YAML: `host_header: client | upstream`
    bool allow_path_params = false;
    bool forward_authorization = false;
    std::optional<std::chrono::milliseconds> timeout; // response head, instead of deadlines
    std::optional<std::uint64_t> max_body_bytes;
    std::optional<CorsSettings> cors;
    OnStale on_stale = OnStale::allow;
};

enum class LogFormat { json, dev };

/// YAML: `log`.
struct LogSettings {
    LogFormat format = LogFormat::json;
    bool access = true; // one line per request on standard output
};

} // namespace gatehouse::config
