// What is counted and written of a request that is over.
#include "gateway/headers/client.hpp"
#include "gateway/pipeline/serve.hpp"
#include "gateway/pipeline/serve_cache.hpp"
#include "gateway/pipeline/serve_compression.hpp"
#include "gateway/pipeline/serve_trace.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// For the log; what a stranger says of itself costs nothing.
std::string_view client_address(const Exchange& exchange)
{
    const auto peer = exchange.client.peer();
    if (!peer.trusted) return peer.address;
    return client_of(exchange.request, peer, exchange.generation->runtime->clients).address;
}

void tell_tls(const ClientSide& client, AccessRecord& record) noexcept
{
    record.tls = version_of(client.handshake);
    record.tls_resumed = is_resumed(client.handshake);
    if (client.certificate != nullptr) record.certificate = client.certificate->is.subject;
}

/// Under which name a request is counted: of what the settings name, never of what a client sent.
RouteCounters& counters_of(Exchange& exchange)
{
    auto& traffic = exchange.generation->traffic;
    if (const auto* route = exchange.scratch.route) return traffic.route(route->number);
    if (exchange.client.only != nullptr) return traffic.admin();
    return exchange.upstream_name == "local" ? traffic.auth() : traffic.none();
}

void count(Exchange& exchange, Rooms& rooms, const AccessRecord& record)
{
    const auto took = auth::whole_micros(record.took);
    const auto bucket = auth::duration_bucket(took);
    auto& route = counters_of(exchange);
    route.requests[status_class(record.status)].add();
    route.bytes_in.add(record.bytes_in);
    route.bytes_out.add(record.bytes_out);
    // How long a WebSocket was open says nothing of how fast anybody answered.
    const bool tunnelled = record.status == switching_protocols;
    if (!tunnelled) route.duration.add(took, bucket);
    rooms.counters.methods[method_number(record.method)].add();
    if (exchange.asked == nullptr) return;

    const bool answered = record.refusal.empty() && record.status != 0;
    exchange.asked->requests[answered ? status_class(record.status) : 0].add();
    if (!answered || tunnelled) return;
    const auto before = auth::whole_micros(exchange.admitted - exchange.began);
    if (before == 0) return exchange.asked->duration.add(took, bucket);
    exchange.asked->duration.add(took - std::min(took, before));
}

/// Counts what the cache did, and says it.
std::string_view note_cache(const CachePlan& plan, Rooms& rooms)
{
    auto& counters = rooms.counters;
    if (plan.word == "hit") counters.cache_hits.add();
    if (plan.word == "miss") counters.cache_misses.add();
    if (plan.word == "stale") counters.cache_stale.add();
    if (plan.word == "revalidated") counters.cache_revalidated.add();
    if (plan.word == "bypass") counters.cache_bypassed.add();
    return plan.word;
}

} // namespace

void conclude(Exchange& exchange, Rooms& rooms)
{
    const auto target = exchange.request.target;
    const auto& judged = exchange.scratch.judged_path;
    AccessRecord record;
    record.at = exchange.at;
    record.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - exchange.began);
    record.client = client_address(exchange);
    record.method = exchange.request.method;
    record.host = exchange.request.host;
    record.path = judged.empty() ? target.substr(0, target.find('?')) : judged;
    record.status = exchange.status;
    record.bytes_in = exchange.bytes_in + exchange.head_bytes + exchange.kept_body.size() +
                      (exchange.upload_begun ? exchange.upload.pump.bytes_read() : 0);
    record.bytes_out = exchange.bytes_out;
    record.user_id = exchange.principal.user_id;
    record.request_id = exchange.id.text();
    record.upstream = exchange.upstream_name;
    record.refusal = exchange.refusal;
    record.would_refuse = exchange.would_refuse;
    record.reason = exchange.reason;
    if (exchange.client.tls) tell_tls(exchange.client, record);
    if (exchange.caching) [[unlikely]]
        record.cache = note_cache(*exchange.caching, rooms);
    if (exchange.encoding) [[unlikely]]
        count_encoding(exchange, rooms);
    count(exchange, rooms, record);
    record.head_bytes = exchange.answer_head_bytes;
    record.head = &exchange.request;
    record.trace_believed = exchange.settings().tracing.believes(exchange.client.trusted);
    record.trace_id = exchange.trace.id();
    exchange.generation->access_log.record(record);
    trace_end(exchange, rooms, record);
    exchange.end_request();
}

} // namespace gatehouse::gateway
