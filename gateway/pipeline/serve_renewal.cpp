#include "gateway/headers/own_cookies.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <exception>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// No exception crosses the request path: what a renewal throws (no memory) is its refusal.
Task<Renewed> ask_renewer(SessionRenewer& renewer, const Renewal& renewal,
                          const LocalRequest& request)
{
    Renewed failed;
    try {
        co_return co_await renewer.renew(renewal, request);
    } catch (const std::exception& error) {
        failed.refusal = Refusal(RefusalCode::overloaded, error.what());
    }
    co_return failed;
}

} // namespace

Task<After> renew_and_go_on(Exchange& exchange, Rooms& rooms)
{
    // The body stays unread: whoever may not come in has sent it for nothing.
    const auto request = describe_request(exchange, exchange.scratch.judged_path);
    auto asking =
        ask_renewer(*exchange.generation->runtime->renewer, exchange.scratch.renewal, request);
    auto renewed = co_await std::move(asking);
    exchange.admitted = std::chrono::steady_clock::now();
    exchange.own_fields = std::move(renewed.fields);
    const bool reports = exchange.scratch.route->settings->report_only;
    if (renewed.refusal && !reports)
        co_return co_await refuse_request(exchange, rooms, *renewed.refusal);

    const auto destination = destination_of(exchange.request, exchange.scratch);
    const auto admission = decide_and_count(exchange, rooms, destination, Round::after_renewal,
                                            renewed.access_token.reveal());
    // That nobody was renewed is why it would have been refused, not what is missing now.
    if (renewed.refusal) exchange.scratch.reported = std::move(renewed.refusal);
    co_return co_await go_on(exchange, rooms, admission);
}

Task<After> refuse_request(Exchange& exchange, Rooms& rooms, const Refusal& refusal)
{
    if (exchange.scratch.cookie_is_over) {
        // Signed out somewhere else, or blocked: the browser need not keep trying.
        clear_cookies(exchange.own_fields, exchange.settings().auth);
    }
    if (may_send_to_sign_in(exchange)) return refuse_or_send_to_sign_in(exchange, rooms, refusal);
    return refuse(exchange, rooms, refusal);
}

} // namespace gatehouse::gateway
