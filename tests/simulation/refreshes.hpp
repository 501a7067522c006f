#pragma once

#include "gateway/api/refresh_joiner.hpp"
#include "tests/simulation/scheduler.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace gatehouse::simulation {

/// Refreshes that overlap in one process, joined by the product's own RefreshJoiner: its coroutines
/// run on an event loop that turns when the scheduler says so, and whoever leads asks the store in
/// a fiber.
class Refreshes {
public:
    using Outcome = gateway::RefreshJoiner::Outcome;
    using Key = gateway::RefreshJoiner::Key;
    using Lead = std::function<Outcome()>;
    /// Begins a fiber of the process.
    using Run = std::function<void(std::function<void()>)>;

    Refreshes(Scheduler& scheduler, Run run);
    Refreshes(const Refreshes&) = delete;
    Refreshes& operator=(const Refreshes&) = delete;
    /// After the fibers of the process: nobody who waits gets an answer.
    ~Refreshes();

    /// From inside a fiber. `lead` is called in another one, unless somebody leads already; it owns
    /// what it needs.
    [[nodiscard]] Outcome join(Key key, Lead lead);

private:
    struct Call {
        Scheduler::Wait waiter;
        std::optional<Outcome> outcome;
    };

    [[nodiscard]] gateway::Task<void> ask(Key key, Lead lead, std::shared_ptr<Call> call);
    [[nodiscard]] gateway::Task<Outcome> in_fiber(Lead lead);
    void turn();

    Scheduler& scheduler_;
    const Run run_;
    std::shared_ptr<boost::asio::io_context> loop_; // an event that comes too late finds it gone
    gateway::RefreshJoiner joiner_;
};

} // namespace gatehouse::simulation
