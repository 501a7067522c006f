#include "gateway/pipeline/serve_cache_plan.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/cache/conditions.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/serve_cache_facts.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

/// The very head that the upstream would get.
std::string_view head_for(Exchange& exchange, Rooms& rooms)
{
    const auto& runtime = *exchange.generation->runtime;
    const auto& upstream = runtime.upstreams[exchange.admission.route->upstream];
    HeadWriter head(rooms.desk);
    const Forwarding forwarding{.policy = runtime.policy,
                                .ids = rooms.ids,
                                .peer = exchange.client.peer(),
                                .clients = runtime.clients,
                                .request_id = exchange.id.text(),
                                .upstream_host = upstream.endpoints.front().host,
                                .body = {},
                                .certificate = exchange.client.certificate};
    write_upstream_head(head, exchange.request, exchange.admission, forwarding);
    return head.overflowed() ? std::string_view{} : head.written();
}

} // namespace

bool make_plan(Exchange& exchange, Rooms& rooms)
{
    const auto& settings = *exchange.admission.route->settings->cache;
    exchange.caching = std::make_unique<CachePlan>(rooms.shared.answers, settings);
    auto& plan = *exchange.caching;
    plan.wanted = cache_directives(exchange.request.fields);
    if (!plan.wanted.there) {
        const auto pragma = only_value(exchange.request.fields, "pragma");
        plan.wanted.no_cache = equal_ignoring_case(pragma, "no-cache"); // RFC 9111, 5.4
    }
    plan.word = "bypass";
    plan.status = "gatehouse; fwd=bypass";
    if (judge_request(exchange.request, plan.wanted) == CacheUse::one_time) return false;
    if (exchange.admission.upgrade) return false;
    const auto head = head_for(exchange, rooms);
    if (head.empty()) return false;
    plan.keyed.emplace(head, cache_facts(exchange, settings.vary),
                       exchange.generation->runtime->policy);
    if (plan.asked().is_too_long && enforced("cache.long_key")) return false;
    for (const auto& field : exchange.request.fields) {
        if (equal_ignoring_case(field.name, "if-none-match") ||
            equal_ignoring_case(field.name, "if-modified-since"))
            plan.conditions.push_back(field);
    }
    plan.takes_part = true;
    plan.word = "miss";
    plan.status = "gatehouse; fwd=miss";
    return true;
}

Found look(const CachePlan& plan, auth::Seconds now)
{
    Found found;
    for (const auto& place : {plan.all(), plan.own()}) {
        const bool is_own = &place.key == &plan.asked().for_user;
        // Cookies of the service's own may mean another answer, and we do not know which.
        if (is_own && plan.asked().is_personal) continue;
        auto answer = plan.store.find(place, plan.asked().fields);
        if (!answer) continue;
        const auto fresh = judge_freshness(answer->freshness, plan.wanted, now);
        if (!found.answer || fresh < found.fresh) found = {std::move(answer), fresh, is_own};
        if (found.fresh == Fresh::yes) break;
    }
    return found;
}

void prepare_fetch(Exchange& exchange, Rooms& rooms, std::shared_ptr<const StoredAnswer> stale)
{
    auto& plan = *exchange.caching;
    plan.asked_at = rooms.shared.clock.seconds();
    plan.records = exchange.request.method == "GET";
    if (!stale) return;
    plan.stored = std::move(stale);
    plan.status = "gatehouse; fwd=stale";
    if (!plan.records || !plan.stored->has_validator()) return;
    plan.etag = plan.stored->only_value("etag");
    plan.last_modified = plan.stored->only_value("last-modified");
    ask_whether_still_so(exchange.request.fields, plan.etag, plan.last_modified);
    plan.asks_anew = true;
}

} // namespace gatehouse::gateway
