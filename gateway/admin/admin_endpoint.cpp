#include "gateway/admin/admin_endpoint.hpp"

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

LocalResponse readiness(const ProcessFacts& process)
{
    if (!process.ready) return text(503, "not ready\n");
    std::string said = "ready";
    if (!process.store_up) said += ", degraded: the store is down";
    if (!process.config.last_reload_ok)
        said += ", but the configuration on disk is bad: an older one is in force";
    return text(200, said + "\n");
}

} // namespace

LocalResponse AdminEndpoint::respond(std::string_view method, std::string_view path) const
{
    if (path != "/healthz" && path != "/readyz" && path != "/metrics")
        return refusal(RefusalCode::not_found);
    if (method != "GET" && method != "HEAD") {
        Refusal wrong_method{RefusalCode::method_not_allowed};
        wrong_method.allow = "GET, HEAD";
        return refusal(std::move(wrong_method));
    }
    if (path == "/healthz") return text(200, "alive\n");
    const auto view = look_();
    if (path == "/readyz") return readiness(view.process);
    return text(200, metrics_text(view.workers, view.process), "text/plain; version=0.0.4");
}

Task<LocalResponse> AdminEndpoint::answer(const LocalRequest& request)
{
    co_return respond(request.method, request.path);
}

} // namespace gatehouse::gateway
