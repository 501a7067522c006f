#pragma once

#include "gateway/pipeline/refusal.hpp"
#include "gateway/pipeline/serve.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <optional>

namespace gatehouse::gateway {

// What a request has to keep to, where its route has limits. Where it has none, each of these costs
// one look.

/// Asks the rates by address on behalf of decide(), which has just found the route.
class AddressRates {
public:
    explicit AddressRates(Exchange& exchange) noexcept : exchange_(exchange) {}

    /// Refuses: too_many_requests.
    [[nodiscard]] std::optional<Refusal> refuse(const Route& route) const;

private:
    Exchange& exchange_;
};

/// Whether there is anything to ask: looked at here, so that nobody else pays for a call.
[[nodiscard]] inline bool has_limits(const Exchange& exchange) noexcept
{
    return !exchange.generation->limits.empty() || exchange.settings().limits.in_flight != 0;
}

/// Counts a request that may come in by all other rates of its route, and takes its places among
/// those under way; they are given back when it ends. Refuses: too_many_requests, overloaded.
[[nodiscard]] std::optional<Refusal> refuse_by_limits(Exchange& exchange, Rooms& rooms,
                                                      const Admission& admission);

/// Whether this worker is so far behind that it answers nothing that would go to an upstream.
/// Counts it.
[[nodiscard]] bool sheds(const Exchange& exchange, Rooms& rooms) noexcept;

} // namespace gatehouse::gateway
