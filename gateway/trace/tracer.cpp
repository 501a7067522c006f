#include "gateway/trace/tracer.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/head.hpp"
#include "gateway/observe/traffic.hpp"
#include "gateway/trace/sampling.hpp"

#include <charconv>
#include <functional>

namespace gatehouse::gateway {
namespace {

std::uint64_t wall(const RequestTrace& trace, Tracer::Steady::time_point at) noexcept
{
    const std::chrono::nanoseconds steady = at.time_since_epoch();
    return static_cast<std::uint64_t>(trace.to_wall + steady.count());
}

/// Those that are told apart, so that nobody makes up names of spans.
std::string_view method_name(std::string_view method) noexcept
{
    return method_number(method) + 1 < counted_methods.size() ? method : "_OTHER";
}

/// `host:port` in two.
void put_authority(SpanRecord& span, std::string_view authority) noexcept
{
    const auto colon = authority.rfind(':');
    const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
    if (has_port) {
        const auto port = authority.substr(colon + 1);
        std::from_chars(port.data(), port.data() + port.size(), span.port);
    }
    auto host = has_port ? authority.substr(0, colon) : authority;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    span.address.assign(host);
}

std::string_view name_of(auth::StoreMeter::System system) noexcept
{
    switch (system) {
    case auth::StoreMeter::System::sqlite:
        return "sqlite";
    case auth::StoreMeter::System::postgresql:
        return "postgresql";
    case auth::StoreMeter::System::redis:
        break;
    }
    return "redis";
}

std::string_view name_of(auth::StoreMeter::Kind kind) noexcept
{
    switch (kind) {
    case auth::StoreMeter::Kind::read:
        return "read";
    case auth::StoreMeter::Kind::write:
        return "write";
    case auth::StoreMeter::Kind::command:
        break;
    }
    return "command";
}

} // namespace

Tracer::Tracer(const config::Settings& settings, SpanRing& ring)
    : ring_(&ring),
      sample_(settings.tracing.sample),
      tells_users_(settings.log.redact.user_id == config::Redaction::keep),
      auth_route_(settings.auth.prefix + "/**"),
      redactor_(settings.log)
{
}

std::string_view Tracer::auth_route(std::string_view path) const noexcept
{
    const std::string_view route(auth_route_);
    return path.starts_with(route.substr(0, route.size() - 2)) ? route : std::string_view{};
}

void Tracer::begin(RequestTrace& trace, const RequestHead& head, bool believed,
                   Steady::time_point began, IdSource& ids) const noexcept
{
    const auto parent = believed ? read_traceparent(only_value(head.fields, "traceparent"))
                                 : std::optional<TraceParent>{};
    trace.known = true;
    trace.parent = 0;
    if (parent) {
        trace.ids = ids_of(*parent);
        trace.parent = trace.ids.span;
        trace.ids.flags &= TraceParent::known_flags;
    } else {
        trace.ids = {ids.next(), ids.next(), 0, 0};
    }
    trace.ids.span = ids.next();
    trace.sampled = is_sampled(parent, trace.ids.trace_low, sample_);
    if (trace.sampled) trace.ids.flags |= TraceParent::sampled_flag;
    trace.told = trace.ids;
    put_hex(trace.ids.trace_high, trace.id_text.data());
    put_hex(trace.ids.trace_low, trace.id_text.data() + hex_digits);
    if (!trace.sampled) return;
    trace.began = began;
    const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
    const std::chrono::nanoseconds steady = began.time_since_epoch();
    trace.to_wall = now.count() - steady.count();
    trace.calls.clear();
}

SpanRecord* Tracer::span(const RequestTrace& trace, SpanKind kind, std::uint64_t id,
                         Steady::time_point began, Steady::time_point ended)
{
    auto* span = ring_->next();
    if (span == nullptr) return nullptr;
    span->ids = trace.ids;
    span->ids.span = id;
    span->parent = kind == SpanKind::request ? trace.parent : trace.ids.span;
    span->kind = kind;
    span->began = wall(trace, began);
    span->ended = wall(trace, ended);
    return span;
}

template <class Append>
std::string_view Tracer::careful(Append append, std::string_view text)
{
    if (!enforced("trace.redacted")) return text;
    room_.clear();
    std::invoke(append, *redactor_, room_, text);
    return room_;
}

void Tracer::decided(const RequestTrace& trace, const Decision& decision, IdSource& ids)
{
    auto* span = this->span(trace, SpanKind::auth, ids.next(), decision.began, Steady::now());
    if (span == nullptr) return;
    span->outcome.assign(decision.outcome);
    span->source.assign(decision.source);
    span->failed = decision.failed;
    if (decision.failed) span->error.assign(decision.outcome);
    ring_->commit();
}

void Tracer::begin_asking(RequestTrace& trace, std::string_view authority, bool tls,
                          IdSource& ids) noexcept
{
    trace.told.span = ids.next();
    trace.asking.runs = true;
    trace.asking.on_reused = false;
    trace.asking.resends = 0;
    trace.asking.began = Steady::now();
    trace.asking.authority = authority;
    trace.asking.tls = tls;
}

void Tracer::asked(RequestTrace& trace, const Asked& asked)
{
    trace.asking.runs = false;
    const auto& asking = trace.asking;
    auto* span =
        this->span(trace, SpanKind::upstream, trace.told.span, asking.began, Steady::now());
    if (span == nullptr) return;
    span->method.assign(method_name(asked.method));
    put_authority(*span, asking.authority);
    span->tls = asking.tls;
    span->path.assign(careful(&Redactor::append_path, asked.path));
    span->status = static_cast<std::uint16_t>(asked.status);
    span->resends = asking.resends;
    span->source.assign(asking.on_reused ? "reused" : "new");
    // For who asked, an error of the one who was asked begins at 400.
    span->failed = !asked.error.empty() || asked.status >= 400;
    span->error.assign(asked.error);
    ring_->commit();
}

void Tracer::called_stores(RequestTrace& trace, IdSource& ids)
{
    for (const auto& call : trace.calls) {
        auto* span = this->span(trace, SpanKind::store, ids.next(), call.began, call.ended);
        if (span == nullptr) continue;
        span->route.assign(name_of(call.system));
        span->outcome.assign(name_of(call.kind));
        span->failed = call.failed;
        if (call.failed) span->error.assign("store_unavailable");
        ring_->commit();
    }
    trace.calls.clear();
}

void Tracer::ended(const RequestTrace& trace, const AccessRecord& record, std::string_view route,
                   bool tls)
{
    auto* span = this->span(trace, SpanKind::request, trace.ids.span, trace.began, Steady::now());
    if (span == nullptr) return;
    span->tls = tls;
    span->method.assign(method_name(record.method));
    span->route.assign(route);
    span->path.assign(careful(&Redactor::append_path, record.path));
    put_authority(*span, careful(&Redactor::append_host, record.host));
    span->client.assign(careful(&Redactor::append_client, record.client));
    span->user_agent.assign(
        careful(&Redactor::append_user_agent, only_value(record.head->fields, "User-Agent")));
    if (tells_users_) span->user_id.assign(record.user_id);
    span->status = static_cast<std::uint16_t>(record.status);
    // An error of ours; what a client did wrong is none for who was asked.
    span->failed = record.status == 0 || record.status >= 500;
    if (span->failed) span->error.assign(record.refusal);
    ring_->commit();
}

} // namespace gatehouse::gateway
