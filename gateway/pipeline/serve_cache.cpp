#include "gateway/pipeline/serve_cache.hpp"

#include "gateway/pipeline/serve_cache_plan.hpp"
#include "gateway/pipeline/serve_revalidations.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/serve_wanted.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// Whoever waits looks so often whether its client and its session are still there.
constexpr std::chrono::milliseconds look_every = 500ms;

/// Whoever has waited for so many that brought nothing for it goes by itself: else those who get a
/// 304 each, or each another variant, would go one after the other.
constexpr int most_flights = 2;

/// Wakes a request of any worker, if it still waits.
struct Waker {
    asio::io_context& io;
    Waiter* waiter; // null: it waits no longer; of its worker alone
};

class Waiting {
public:
    Waiting(Exchange& exchange, Rooms& rooms, const std::shared_ptr<Flight>& flight)
        : waker_(std::make_shared<Waker>(rooms.io, &exchange.waiter))
    {
        sits_ = Flight::sit(flight, seat_, [waker = waker_] {
            asio::post(waker->io, [waker] {
                if (waker->waiter != nullptr) waker->waiter->wake();
            });
        });
    }

    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

    ~Waiting()
    {
        seat_.leave();
        waker_->waiter = nullptr;
    }

    [[nodiscard]] bool sits() const noexcept { return sits_; }

private:
    std::shared_ptr<Waker> waker_;
    Flight::Seat seat_;
    bool sits_ = false;
};

/// Where requests meet that want the same. Null: nobody may wait for this one.
const std::string* meeting_place(const CachePlan& plan, auth::Seconds now)
{
    if (!plan.store.is_passed(plan.all(), now)) return &plan.asked().for_all;
    if (plan.asked().is_personal || plan.store.is_passed(plan.own(), now)) return nullptr;
    return &plan.asked().for_user;
}

Task<After> send_found(Exchange& exchange, Rooms& rooms, Found found, std::string_view word)
{
    auto& plan = *exchange.caching;
    plan.stored = std::move(found.answer);
    plan.word = word;
    const auto left = plan.stored->freshness.left(rooms.shared.clock.seconds());
    plan.status = "gatehouse; hit; ttl=" + std::to_string(left.count());
    return send_stored(exchange, rooms);
}

/// Whether this request waits for nobody: there is nobody to wait for, or what they fetch would not
/// be good for it either.
bool goes_alone(const Exchange& exchange, const Found& found, const std::string* meeting)
{
    if (meeting == nullptr || exchange.request.method == "HEAD") return true;
    if (exchange.caching->wanted.no_cache) return true;
    if (!found.answer) return false;
    const auto& freshness = found.answer->freshness;
    return freshness.is_asked_each_time || freshness.lifetime.count() == 0;
}

/// Until that flight has ended, or for a moment. Refuses whoever is not to be answered any more.
Task<std::optional<Refusal>> wait_for(Exchange& exchange, Rooms& rooms,
                                      std::shared_ptr<Flight> flight,
                                      std::chrono::milliseconds most)
{
    const Waiting waiting(exchange, rooms, flight);
    if (!waiting.sits()) co_return std::nullopt;
    exchange.patience.arm(rooms.timers, std::min(most, look_every), exchange.waiter);
    while (!exchange.patience.has_passed() && !flight->has_ended())
        co_await exchange.waiter.sleep();
    exchange.patience.clear();
    co_return no_longer_wanted(exchange, rooms);
}

/// Has the gateway itself ask anew, while this client gets what there is. One at a time for each
/// answer, and none for a while where the last one failed.
void revalidate(Exchange& exchange, Rooms& rooms, const Found& found, auth::Seconds now)
{
    auto& plan = *exchange.caching;
    const auto place = found.is_own ? plan.own() : plan.all();
    if (rooms.revalidations == nullptr || plan.store.is_passed(place, now)) return;
    auto boarding = plan.store.board(place);
    if (!boarding.leads) return;
    // Whoever came before may have landed since that was looked for.
    const bool is_due = look(plan, now).fresh == Fresh::while_revalidating;
    const bool begins = is_due && rooms.revalidations->begin(exchange, found, boarding.flight);
    if (!begins) plan.store.land(place, boarding.flight);
}

/// RFC 9111, 5.2.1.7
Refusal nothing_is_kept()
{
    return told(RefusalCode::upstream_timeout, "Nothing that is kept may be the answer",
                "only-if-cached");
}

} // namespace

Task<After> serve_from_cache(Exchange& exchange, Rooms& rooms)
{
    if (!make_plan(exchange, rooms)) co_return co_await forward(exchange, rooms);
    auto& plan = *exchange.caching;
    const auto over = std::chrono::steady_clock::now() + plan.settings.wait;
    int flights = 0;
    for (;;) {
        const auto now = rooms.shared.clock.seconds();
        auto found = look(plan, now);
        if (found.is_good())
            co_return co_await send_found(exchange, rooms, std::move(found), "hit");
        if (found.fresh == Fresh::while_revalidating) {
            revalidate(exchange, rooms, found, now);
            co_return co_await send_found(exchange, rooms, std::move(found), "stale");
        }
        if (plan.wanted.only_if_cached)
            co_return co_await refuse(exchange, rooms, nothing_is_kept());
        const auto* const meeting = meeting_place(plan, now);
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(over - std::chrono::steady_clock::now());
        if (left <= 0ms || flights == most_flights || goes_alone(exchange, found, meeting)) {
            plan.fly(plan.own(), plan.store.fly_alone(plan.own()));
            prepare_fetch(exchange, rooms, std::move(found.answer));
            break;
        }
        const AnswerStore::Place place{plan.asked().resource, *meeting};
        auto boarding = plan.store.board(place);
        if (boarding.leads) {
            plan.fly(place, std::move(boarding.flight));
            // Whoever came before may have landed since that was looked for.
            auto again = look(plan, now);
            if (again.is_good()) {
                plan.land();
                co_return co_await send_found(exchange, rooms, std::move(again), "hit");
            }
            prepare_fetch(exchange, rooms, std::move(again.answer));
            break;
        }
        found.answer.reset();
        const auto unwanted = co_await wait_for(exchange, rooms, boarding.flight, left);
        if (unwanted) co_return co_await refuse(exchange, rooms, *unwanted);
        if (boarding.flight->has_ended()) ++flights;
    }
    co_return co_await forward(exchange, rooms);
}

} // namespace gatehouse::gateway
