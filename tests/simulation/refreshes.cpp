#include "tests/simulation/refreshes.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace gatehouse::simulation {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using gateway::Task;

namespace {

/// Far longer than any call of a store takes, whatever happens to it.
constexpr Time patience = 1min;

} // namespace

Refreshes::Refreshes(Scheduler& scheduler, Run run)
    : scheduler_(scheduler),
      run_(std::move(run)),
      loop_(std::make_shared<asio::io_context>(1))
{
}

Refreshes::~Refreshes()
{
    joiner_.drop_all();
}

Refreshes::Outcome Refreshes::join(Key key, Lead lead)
{
    auto call = std::make_shared<Call>();
    call->waiter = scheduler_.begin_wait();
    asio::co_spawn(loop_->get_executor(), ask(std::move(key), std::move(lead), call),
                   asio::detached);
    turn();
    scheduler_.wait_until(call->waiter, scheduler_.now() + patience);
    return *std::move(call->outcome);
}

Task<void> Refreshes::ask(Key key, Lead lead, std::shared_ptr<Call> call)
{
    auto leading = [this, lead = std::move(lead)] { return in_fiber(lead); };
    auto joined = joiner_.join(std::move(key), leading);
    auto outcome = co_await std::move(joined);
    call->outcome = std::move(outcome);
    scheduler_.wake(call->waiter);
}

Task<Refreshes::Outcome> Refreshes::in_fiber(Lead lead)
{
    auto outcome = std::make_shared<std::optional<Outcome>>();
    auto begin = [this, &lead, &outcome](auto handler) {
        // std::function wants to be copied, a handler only moved.
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        run_([this, lead, outcome, kept] {
            outcome->emplace(lead());
            asio::post(*loop_, [kept] { std::move (*kept)(); });
            turn();
        });
    };
    co_await asio::async_initiate<decltype(gateway::use_task), void()>(begin, gateway::use_task);
    co_return *std::move(*outcome);
}

void Refreshes::turn()
{
    scheduler_.after(0s, [weak = std::weak_ptr(loop_)] {
        const auto loop = weak.lock();
        if (!loop) return;
        loop->restart();
        loop->poll();
    });
}

} // namespace gatehouse::simulation
