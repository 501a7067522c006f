#pragma once

#include "gateway/budget/upstream_budget.hpp"
#include "gateway/net/task.hpp"
#include "gateway/pipeline/refusal.hpp"
#include "gateway/pipeline/serve_exchange.hpp"
#include "gateway/pipeline/serve_rooms.hpp"

#include <optional>

namespace gatehouse::gateway {

/// A request's turn at an upstream that may be asked only so much; of one without `budget` it costs
/// a look. Whatever becomes of the request: what may have got there is counted.
class BudgetTurn {
public:
    explicit BudgetTurn(UpstreamBudget* budget) noexcept : budget_(budget) {}

    BudgetTurn(const BudgetTurn&) = delete;
    BudgetTurn& operator=(const BudgetTurn&) = delete;

    ~BudgetTurn()
    {
        if (budget_ != nullptr) [[unlikely]]
            end();
    }

    [[nodiscard]] bool is_needed() const noexcept { return budget_ != nullptr; }

    [[nodiscard]] UpstreamBudget& budget() const noexcept { return *budget_; }

    [[nodiscard]] UpstreamBudget::Verdict take();

    /// From now on it may have got there.
    void sent() noexcept { was_sent_ = true; }

    /// The request is to be sent once more. false: it may not.
    [[nodiscard]] bool again();

    /// The upstream has answered.
    void hear(const Exchange& exchange, const Rooms& rooms)
    {
        if (budget_ != nullptr) [[unlikely]]
            hear_of(exchange, rooms);
    }

private:
    void end();
    void hear_of(const Exchange& exchange, const Rooms& rooms);

    UpstreamBudget* const budget_;
    bool has_one_ = false;
    bool was_sent_ = false;
};

/// Has the request wait for its turn, if the settings let it. Refuses: overloaded, with the time at
/// which it may be otherwise, request_timeout, token_revoked, draining.
[[nodiscard]] Task<std::optional<Refusal>> wait_for_turn(Exchange& exchange, Rooms& rooms,
                                                         BudgetTurn& turn);

} // namespace gatehouse::gateway
