#include "gateway/admin/admin_endpoint.hpp"

#include "gateway/admin/admin_call.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/net/offload.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

LocalResponse text(unsigned status, std::string body, std::string_view type = "text/plain")
{
    LocalResponse response;
    response.status = status;
    response.body = std::move(body);
    response.fields = {
        {"Content-Type",  std::string{type}},
        {"Cache-Control", "no-store"       }
    };
    return response;
}

LocalResponse refusal(Refusal reason)
{
    LocalResponse response;
    response.refusal = std::move(reason);
    return response;
}

/// All lines of a field, as one.  RFC 9110, 5.3
std::string all_lines(std::span<const Field> fields, std::string_view name)
{
    std::string joined;
    for (const auto& field : fields) {
        if (!equal_ignoring_case(field.name, name)) continue;
        joined.append(joined.empty() ? "" : ", ").append(field.value);
    }
    return joined;
}

LocalResponse readiness(const ProcessFacts& process)
{
    if (!process.ready) return text(503, "not ready\n");
    std::string said = "ready";
    const bool takes_writes = std::ranges::all_of(
        process.stores, [](const StoreFacts& store) { return store.meter->takes_writes(); });
    if (!process.store_up) {
        said += ", degraded: the store is down";
    } else if (!takes_writes) {
        said += ", degraded: the store takes no writes";
    }
    if (!process.config.last_reload_ok)
        said += ", but the configuration on disk is bad: an older one is in force";
    return text(200, said + "\n");
}

} // namespace

LocalResponse AdminEndpoint::respond(std::string_view method, std::string_view path,
                                     std::string_view accept) const
{
    if (path != "/healthz" && path != "/readyz" && path != "/metrics")
        return refusal(RefusalCode::not_found);
    if (method != "GET" && method != "HEAD") {
        Refusal wrong_method{RefusalCode::method_not_allowed};
        wrong_method.allow = "GET, HEAD";
        return refusal(std::move(wrong_method));
    }
    if (path == "/healthz") return text(200, "alive\n");
    auto view = look_();
    if (path == "/readyz") return readiness(view.process);
    view.process.usage = read_process_usage();
    const auto format = format_accepted(accept);
    return text(200, metrics_text(view, format), content_type(format));
}

// No coroutine itself: it names the one that answers.
Task<LocalResponse> AdminEndpoint::answer(const LocalRequest& request)
{
    if (api_ && AdminApi::owns(request.path)) return api_->answer(request);
    if (request.path != "/metrics" || writing_ == nullptr) {
        return answered(respond(request.method, request.path));
    }
    return write_metrics(request);
}

Task<LocalResponse> AdminEndpoint::write_metrics(const LocalRequest& request)
{
    const auto accept = all_lines(request.fields, "Accept");
    auto job = [&] { return respond(request.method, request.path, accept); };
    auto writing = offload(*writing_, job);
    auto response = co_await std::move(writing);
    co_return response;
}

} // namespace gatehouse::gateway
