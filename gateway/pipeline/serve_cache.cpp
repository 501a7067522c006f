#include "gateway/pipeline/serve_cache.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/cache/conditions.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/serve_cache_facts.hpp"
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

struct Found {
    std::shared_ptr<const StoredAnswer> answer;
    Fresh fresh = Fresh::no;

    [[nodiscard]] bool is_good() const noexcept { return answer && fresh == Fresh::yes; }
};

/// What there is for everybody comes first; what is fresh comes before what is not.
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
        if (!found.answer || fresh < found.fresh) found = {std::move(answer), fresh};
        if (found.fresh == Fresh::yes) break;
    }
    return found;
}

/// Where requests meet that want the same. Null: nobody may wait for this one.
const std::string* meeting_place(const CachePlan& plan, auth::Seconds now)
{
    if (!plan.store.is_passed(plan.all(), now)) return &plan.asked().for_all;
    if (plan.asked().is_personal || plan.store.is_passed(plan.own(), now)) return nullptr;
    return &plan.asked().for_user;
}

/// false: it has nothing to do with what is kept.
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

/// Of what is stale the upstream is asked whether it is still so.
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
    const bool is_stale_at_once =
        freshness.lifetime.count() == 0 && freshness.while_revalidating.count() == 0;
    return freshness.is_asked_each_time || is_stale_at_once;
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

/// RFC 9111, 5.2.1.7
Refusal nothing_is_kept()
{
    Refusal refusal(RefusalCode::upstream_timeout, "only-if-cached");
    refusal.message = "Nothing that is kept may be the answer";
    return refusal;
}

} // namespace

Task<After> serve_from_cache(Exchange& exchange, Rooms& rooms)
{
    if (!make_plan(exchange, rooms)) co_return co_await forward(exchange, rooms);
    auto& plan = *exchange.caching;
    const auto over = std::chrono::steady_clock::now() + plan.settings.wait;
    for (;;) {
        const auto now = rooms.shared.clock.seconds();
        auto found = look(plan, now);
        if (found.is_good())
            co_return co_await send_found(exchange, rooms, std::move(found), "hit");
        if (plan.wanted.only_if_cached)
            co_return co_await refuse(exchange, rooms, nothing_is_kept());
        const auto* const meeting = meeting_place(plan, now);
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(over - std::chrono::steady_clock::now());
        if (left <= 0ms || goes_alone(exchange, found, meeting)) {
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
        if (found.fresh == Fresh::while_revalidating)
            co_return co_await send_found(exchange, rooms, std::move(found), "stale");
        found.answer.reset();
        const auto unwanted = co_await wait_for(exchange, rooms, std::move(boarding.flight), left);
        if (unwanted) co_return co_await refuse(exchange, rooms, *unwanted);
    }
    co_return co_await forward(exchange, rooms);
}

} // namespace gatehouse::gateway
