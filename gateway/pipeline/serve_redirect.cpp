#include "config/basics/enforced.hpp"
#include "gateway/headers/security_preset.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <utility>

namespace gatehouse::gateway {

// No coroutine itself: it names the one that answers.
Task<After> redirect(Exchange& exchange, Rooms& rooms)
{
    const auto& admission = exchange.admission;
    const auto& route = *admission.route->settings;
    const auto& treatment = *admission.route->treatment;
    auto location = treatment.redirect->location(
        {exchange.request.host, admission.path, admission.query, route.allow_path_params});
    if (!location) {
        return refuse(exchange, rooms, Refusal(RefusalCode::bad_request, "nowhere to be sent to"));
    }
    auto& fields = exchange.own_fields;
    fields.emplace_back("Location", *std::move(location));
    // Who may be sent on is decided each time, so nobody may remember the answer.
    if (route.auth != config::AuthMode::none) fields.emplace_back("Cache-Control", "no-store");
    for (const auto& [name, value] : preset_of(treatment.security))
        fields.emplace_back(name, value);
    const auto status = treatment.redirect->status();
    const auto ending = ending_of(exchange, rooms);
    const Framing nothing{BodyKind::length, 0};
    HeadWriter head(rooms.desk);
    write_local_head(head, status, fields,
                     delivery_to(exchange, rooms, nothing, ending.keep_alive));
    exchange.status = status;
    exchange.upstream_name = "local";
    return send_answer(exchange, rooms, head.written(), {}, ending.after);
}

} // namespace gatehouse::gateway
