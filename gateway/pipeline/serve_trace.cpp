#include "gateway/pipeline/serve_trace.hpp"

#include "gateway/headers/forwarded_path.hpp"

namespace gatehouse::gateway {
namespace {

using Steady = std::chrono::steady_clock;

bool believes(const Exchange& exchange) noexcept
{
    return exchange.settings().tracing.believes(exchange.client.trusted);
}

void end_asking(Exchange& exchange, unsigned status, std::string_view error)
{
    const auto& admission = exchange.admission;
    Tracer::Asked asked;
    asked.method = exchange.request.method;
    asked.path = forwarded_path(admission.path, admission.route->settings->strip_prefix);
    asked.status = status;
    asked.error = error;
    exchange.generation->tracer.asked(exchange.trace, asked);
}

/// Of the settings, and so of few values: never a path of a client's.
std::string_view route_of(const Exchange& exchange, const AccessRecord& record) noexcept
{
    if (exchange.scratch.route != nullptr) return exchange.scratch.route->settings->match;
    return record.upstream == "local" ? exchange.generation->tracer.auth_route(record.path)
                                      : std::string_view{};
}

} // namespace

void trace_head(Exchange& exchange, Rooms& rooms)
{
    const auto& tracer = exchange.generation->tracer;
    if (!tracer.is_on() || exchange.client.only != nullptr) return;
    tracer.begin(exchange.trace, exchange.request, believes(exchange), exchange.began, rooms.ids);
}

TraceTold told_of_trace(const Exchange& exchange) noexcept
{
    TraceTold told;
    told.believed = believes(exchange);
    told.with_baggage =
        told.believed && exchange.settings().tracing.baggage == config::Baggage::forward;
    // A client's trace that nothing is recorded of goes on in the client's own words.
    const auto& trace = exchange.trace;
    if (trace.sampled || (trace.known && trace.parent == 0)) told.own = &trace.told;
    return told;
}

DecisionTrace::DecisionTrace(Exchange& exchange, Rooms& rooms) noexcept
    : exchange_(exchange),
      rooms_(rooms)
{
    if (exchange.trace.sampled) began_ = Steady::now();
}

void DecisionTrace::made(const Result<Admission, Refusal>& admission, bool cached, bool verified)
{
    if (!exchange_.trace.sampled) return;
    Tracer::Decision decision;
    decision.began = began_;
    if (!admission) {
        decision.outcome = to_string(admission.error().code);
        decision.failed = status_of(admission.error()) >= 500;
    } else {
        decision.outcome = admission->principal == nullptr ? "anonymous" : "user";
    }
    if (verified) {
        decision.source = "signature";
    } else if (cached) {
        decision.source = "cache";
    }
    exchange_.generation->tracer.decided(exchange_.trace, decision, rooms_.ids);
}

void trace_asking(Exchange& exchange, Rooms& rooms, const EndpointTarget& whom) noexcept
{
    if (!exchange.trace.sampled) return;
    Tracer::begin_asking(exchange.trace, whom.authority, whom.secure, rooms.ids);
}

void trace_connection(Exchange& exchange, const EndpointTarget& whom, bool is_reused) noexcept
{
    if (!exchange.trace.sampled) return;
    exchange.trace.asking.authority = whom.authority;
    exchange.trace.asking.tls = whom.secure;
    exchange.trace.asking.on_reused = is_reused;
}

void trace_retry(Exchange& exchange, Rooms& rooms, unsigned status, std::string_view error)
{
    auto& trace = exchange.trace;
    if (!trace.sampled) return;
    end_asking(exchange, status, error);
    const auto resends = trace.asking.resends;
    Tracer::begin_asking(trace, trace.asking.authority, trace.asking.tls, rooms.ids);
    trace.asking.resends = static_cast<std::uint8_t>(resends + 1);
}

void trace_end(Exchange& exchange, Rooms& rooms, const AccessRecord& record)
{
    auto& trace = exchange.trace;
    if (!trace.sampled) return;
    auto& tracer = exchange.generation->tracer;
    if (trace.asking.runs) {
        const bool answered = record.refusal.empty() && record.status != 0;
        const auto error = record.refusal.empty() ? std::string_view{"no_answer"} : record.refusal;
        end_asking(exchange, answered ? record.status : 0, answered ? std::string_view{} : error);
    }
    tracer.called_stores(trace, rooms.ids);
    tracer.ended(trace, record, route_of(exchange, record), exchange.client.tls);
}

} // namespace gatehouse::gateway
