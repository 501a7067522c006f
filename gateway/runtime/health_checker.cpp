#include "gateway/runtime/health_checker.hpp"

#include "gateway/headers/request_ids.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/upstream/health_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <new>
#include <thread>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t kept_blocks = 8;

/// An interval, a tenth more or less: gateways that were started together do not ask together for
/// ever.
std::chrono::milliseconds around(std::chrono::milliseconds interval, std::uint64_t random)
{
    const auto tenth = std::max<std::int64_t>(interval.count() / 10, 1);
    return interval - std::chrono::milliseconds{tenth} +
           std::chrono::milliseconds{static_cast<std::int64_t>(random % (2 * tenth + 1))};
}

} // namespace

class HealthChecker::Loop {
public:
    explicit Loop(EndpointBoard& board)
        : board_(board),
          blocks_(block_bytes, kept_blocks),
          work_(io_.get_executor()),
          timers_(io_),
          resolver_(io_)
    {
        thread_ = std::thread([this] { io_.run(); });
        board_.on_change([this] { asio::post(io_, [this] { look(); }); });
        asio::post(io_, [this] { look(); });
    }

    ~Loop()
    {
        board_.on_change({});
        io_.stop();
        thread_.join();
    }

private:
    /// One endpoint and the coroutine that asks it, which lives in `waiter` while it sleeps: first
    /// declared, last gone.
    struct Asked {
        std::weak_ptr<EndpointState> endpoint;
        const EndpointState* which = nullptr; // to be compared only
        bool ended = false;
        std::chrono::milliseconds interval{};
        bool pauses = false; // until the next check
        bool had_addresses = false;
        Deadline limit;
        Waiter waiter;
    };

    /// Begins to ask whoever is new, and hears how often.
    void look() noexcept
    {
        try {
            asked_.remove_if([](const Asked& asked) { return asked.ended; });
            for (const auto& endpoint : board_.all()) {
                const auto settings = endpoint->upstream().health();
                if (!settings.is_on()) continue;
                if (auto* asked = find(*endpoint)) {
                    const bool is_found = !asked->had_addresses && !endpoint->addresses().empty();
                    const bool is_due = is_found || asked->interval != settings.interval;
                    if (is_due && asked->pauses) ask_now(*asked);
                    continue;
                }
                auto& asked = asked_.emplace_back();
                asked.endpoint = endpoint;
                asked.which = endpoint.get();
                auto asking = keep_asking(asked);
                asio::co_spawn(io_, std::move(asking),
                               [&asked](const std::exception_ptr&) { asked.ended = true; });
            }
        } catch (const std::bad_alloc&) { // with the next change
            return;
        }
    }

    [[nodiscard]] Asked* find(const EndpointState& endpoint)
    {
        const auto found = std::ranges::find_if(asked_, [&](const Asked& asked) {
            // Another one may have come to the place of one that is gone.
            return !asked.ended && asked.which == &endpoint && !asked.endpoint.expired();
        });
        return found == asked_.end() ? nullptr : &*found;
    }

    static void ask_now(Asked& asked) noexcept
    {
        asked.limit.expire();
        asked.waiter.wake();
    }

    /// Whether the upstream may be asked once more; a moment is what a portion of a shared budget
    /// takes to come. Else this check is left out, and says nothing of the endpoint.
    Task<bool> has_turn(Asked& asked, UpstreamBudget* budget)
    {
        if (budget == nullptr) co_return true;
        for (int looks = 0; looks < 20; ++looks) {
            const auto turn = budget->take(UpstreamBudget::now());
            if (turn.passes) co_return true;
            if (turn.wait > std::chrono::milliseconds{100}) break;
            asked.limit.arm(timers_, std::chrono::milliseconds{10}, asked.waiter);
            while (!asked.limit.has_passed()) co_await asked.waiter.sleep();
            asked.limit.clear();
        }
        co_return false;
    }

    Task<void> keep_asking(Asked& asked)
    {
        for (;;) {
            auto endpoint = asked.endpoint.lock();
            if (!endpoint) co_return;
            const auto settings = endpoint->upstream().health();
            if (!settings.is_on()) co_return;
            const auto known = endpoint->addresses();
            asked.had_addresses = !known.empty();
            const Connecting connecting{.io = io_,
                                        .timers = timers_,
                                        .resolver = resolver_,
                                        .waiter = asked.waiter,
                                        .limit = asked.limit,
                                        .patience = settings.timeout,
                                        .known = known};
            const auto budget = endpoint->upstream().budget();
            if (co_await has_turn(asked, budget.get())) {
                const auto result =
                    co_await check_health(endpoint->target(), settings, connecting, blocks_);
                if (budget) budget->end(UpstreamBudget::now());
                endpoint->checked(result.good, result.reason);
            }
            asked.interval = endpoint->upstream().health().interval; // may be another by now
            endpoint.reset();
            asked.pauses = true;
            asked.limit.arm(timers_, around(asked.interval, chance_.next()), asked.waiter);
            while (!asked.limit.has_passed()) co_await asked.waiter.sleep();
            asked.limit.clear();
            asked.pauses = false;
        }
    }

    EndpointBoard& board_;
    // Before the loop: a check that is given up is taken apart with that, and gives its block back.
    BufferPool blocks_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    Timers timers_;
    Resolver resolver_;
    IdSource chance_;
    std::list<Asked> asked_;
    std::thread thread_;
};

HealthChecker::HealthChecker(EndpointBoard& board) : board_(board) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::use(const config::Settings& settings)
{
    const bool asks = std::ranges::any_of(
        settings.upstreams, [](const auto& upstream) { return upstream.second.health.is_on(); });
    if (asks && !loop_) loop_ = std::make_unique<Loop>(board_);
}

} // namespace gatehouse::gateway
