#include "gateway/pipeline/serve_cache_facts.hpp"

#include "gateway/headers/client.hpp"
#include "gateway/headers/treatment.hpp"

namespace gatehouse::gateway {

AskedFacts cache_facts(const Exchange& exchange, std::span<const std::string> vary)
{
    const auto& runtime = *exchange.generation->runtime;
    const auto& admission = exchange.admission;
    const auto peer = exchange.client.peer();
    const auto way = believed_way(exchange.request, peer, runtime.clients);
    AskedFacts facts;
    facts.vary = vary;
    if (admission.route->treatment != nullptr) facts.changes = &admission.route->treatment->request;
    facts.generation = runtime.number;
    facts.route = admission.route->number;
    facts.upstream = admission.route->settings->to;
    facts.scheme = way.is_secure(peer) ? "https" : "http";
    facts.host = way.host.empty() ? exchange.request.host : way.host;
    facts.path = admission.path;
    facts.query = admission.query;
    if (admission.principal != nullptr) {
        facts.issuer = admission.principal->issuer;
        facts.user = admission.principal->user_id;
        facts.api_key = admission.principal->api_key;
    }
    return facts;
}

} // namespace gatehouse::gateway
