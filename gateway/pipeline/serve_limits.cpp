#include "gateway/pipeline/serve_limits.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/limits/limits.hpp"

#include <algorithm>
#include <span>

namespace gatehouse::gateway {
namespace {

using config::RateBy;

/// As far as can be believed who that is.
std::uint64_t key_of_address(const Rate& rate, const Exchange& exchange)
{
    const auto& clients = exchange.generation->runtime->clients;
    const auto client = client_of(exchange.request, exchange.client.peer(), clients);
    return rate.keys->of_address(client.address);
}

/// Whom the request counts for. An API key is its user, and a session of its own.
std::uint64_t key_of(const Rate& rate, const Exchange& exchange, const auth::Principal* principal)
{
    switch (rate.by) {
    case RateBy::route:
        return rate.keys->of('r', {});
    case RateBy::user:
        if (principal != nullptr) return rate.keys->of('u', principal->user_id);
        break;
    case RateBy::session:
        if (principal == nullptr) break;
        // Without a session here each of them counts as a user does.
        if (principal->issuer != 0) return rate.keys->of('u', principal->user_id);
        return principal->session_id.empty() ? rate.keys->of('k', principal->api_key)
                                             : rate.keys->of('s', principal->session_id);
    case RateBy::header: {
        const auto value = only_value(exchange.request.fields, rate.header);
        if (!value.empty()) return rate.keys->of('h', value);
        break;
    }
    case RateBy::address:
        break;
    }
    return key_of_address(rate, exchange);
}

HeldLimits& held_by(Exchange& exchange)
{
    if (!exchange.limits) exchange.limits = std::make_unique<HeldLimits>();
    return *exchange.limits;
}

Refusal too_many(Exchange& exchange, const Rate& rate, const RateVerdict& verdict)
{
    auto& told = held_by(exchange).told;
    told.clear();
    told.add(rate.name, rate.policy, verdict);
    rate.counted.counted->refused.add();
    Refusal refusal(RefusalCode::too_many_requests, "rate " + rate.label);
    refusal.retry_after = std::max(whole_seconds(verdict.wait), 1U);
    return refusal;
}

/// All of them or none: what one refuses is not counted by the others.
std::optional<Refusal> ask(std::span<const Rate> rates, Exchange& exchange,
                           const auth::Principal* principal)
{
    const RateTime now = exchange.began.time_since_epoch();
    for (const auto& rate : rates.subspan(0, rates.size() - 1)) {
        const auto key = key_of(rate, exchange, principal);
        const auto verdict = rate.table->look(key, rate.terms, now);
        if (!verdict.passes) return too_many(exchange, rate, verdict);
    }
    // The last one first: it alone was not looked at before.
    for (auto rate = rates.rbegin(); rate != rates.rend(); ++rate) {
        const auto key = key_of(*rate, exchange, principal);
        const auto verdict = rate->table->take(key, rate->terms, now);
        if (!verdict.passes) return too_many(exchange, *rate, verdict);
        if (rate->tell) held_by(exchange).told.add(rate->name, rate->policy, verdict);
    }
    return std::nullopt;
}

/// The whole process, or this worker, has more to do than it can.
void note_shed(const Exchange& exchange, Rooms& rooms) noexcept
{
    rooms.shared.limits.shed(exchange.began);
    rooms.counters.requests_shed.add();
}

} // namespace

std::optional<Refusal> AddressRates::refuse(const Route& route) const
{
    const auto* const limits = exchange_.generation->limits.of(route.number);
    if (limits == nullptr || limits->before_token.empty()) return std::nullopt;
    if (!enforced("serve.address_rates")) return std::nullopt;
    return ask(limits->before_token, exchange_, nullptr);
}

std::optional<Refusal> refuse_by_limits(Exchange& exchange, Rooms& rooms,
                                        const Admission& admission)
{
    const auto most = exchange.settings().limits.in_flight;
    const auto* const limits = exchange.generation->limits.of(admission.route->number);
    if (limits == nullptr && most == 0) return std::nullopt;
    if (limits != nullptr && !limits->behind_token.empty() && enforced("serve.rates")) {
        if (auto refusal = ask(limits->behind_token, exchange, admission.principal)) {
            return refusal;
        }
    }
    auto& held = held_by(exchange);
    const auto& all = rooms.shared.limits.in_flight();
    if (most != 0 && !held.in_flight.take(all, most) && enforced("serve.in_flight")) {
        note_shed(exchange, rooms);
        return Refusal(RefusalCode::overloaded, "limits.in_flight");
    }
    if (limits == nullptr || !limits->in_flight) return std::nullopt;
    const bool free = held.in_route.take(limits->in_flight, limits->most_in_flight);
    if (free || !enforced("serve.route_in_flight")) return std::nullopt;
    held.in_flight.give_back();
    return Refusal(RefusalCode::overloaded, "in_flight of the route");
}

bool sheds(const Exchange& exchange, Rooms& rooms) noexcept
{
    if (!rooms.late || !enforced("serve.sheds")) return false;
    note_shed(exchange, rooms);
    return true;
}

} // namespace gatehouse::gateway
