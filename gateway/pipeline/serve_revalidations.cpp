#include "gateway/pipeline/serve_revalidations.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::gateway {

/// One of them, and all that it borrows of a connection elsewhere. Waking it is the end of its
/// time.
struct Revalidations::Revalidation final : Wakeable {
    std::string address;
    std::optional<ShownCertificate> certificate;
    Socket nobody; // closed
    Exchange exchange;
    Deadline limit;
    std::list<Revalidation>::iterator place;

    void wake() noexcept override { exchange.stop(); }
};

namespace {

/// All of the answer has to be there by the time at which a client's would have to begin.
std::chrono::milliseconds time_for(const Exchange& exchange)
{
    return exchange.admission.route->settings->timeout.value_or(
        exchange.settings().deadlines.response_head);
}

bool is_condition(const Field& field) noexcept
{
    return equal_ignoring_case(field.name, "if-none-match") ||
           equal_ignoring_case(field.name, "if-modified-since");
}

/// Of what an upstream answered. There is no client to count for.
void count(const Exchange& exchange) noexcept
{
    if (exchange.asked == nullptr) return;
    const bool answered = exchange.refusal.empty() && exchange.status != 0;
    exchange.asked->requests[answered ? status_class(exchange.status) : 0].add();
}

} // namespace

Revalidations::Revalidations(Rooms& rooms, std::function<void(Generation&)> ended)
    : rooms_(rooms),
      ended_(std::move(ended))
{
}

Revalidations::~Revalidations() = default;

/// Decides anew, as if it came now: who has lost the right meanwhile has no revalidation run.
bool Revalidations::admit(Exchange& exchange, const Exchange& asked)
{
    const auto destination = destination_of(exchange.request, exchange.scratch);
    const auto now = rooms_.shared.clock.seconds();
    const auto admission = decide(deciding_rooms(exchange, rooms_), exchange.request, destination,
                                  now, exchange.scratch);
    if (!admission || admission->route != asked.admission.route) return false;
    if (admission->preflight != nullptr || admission->upgrade) return false;
    keep_admission(exchange, *admission);
    return true;
}

bool Revalidations::prepare(Revalidation& revalidation, const Exchange& asked, const Found& stale)
{
    revalidation.address = asked.client.address;
    if (asked.client.certificate != nullptr) revalidation.certificate = *asked.client.certificate;
    auto& exchange = revalidation.exchange;
    exchange.client = asked.client;
    exchange.client.socket = &revalidation.nobody;
    exchange.client.nobody = true;
    exchange.client.address = revalidation.address;
    exchange.client.leaving = nullptr;
    exchange.client.certificate = revalidation.certificate ? &*revalidation.certificate : nullptr;
    exchange.generation = asked.generation;
    exchange.begin_request();
    exchange.in = Buffer(rooms_.blocks);
    exchange.in.append(asked.in.text().substr(0, asked.head_bytes));
    const auto& limits = exchange.settings().limits;
    const auto head = exchange.parser.parse(exchange.in.text(), exchange.request, limits);
    if (!head || !*head) return false;
    exchange.head_bytes = **head;
    exchange.request.method = "GET";
    // Whose answer neither goes through interim ones nor is packed.
    exchange.request.version = Version::http_1_0;
    std::erase_if(exchange.request.fields, is_condition);
    exchange.id.renew(rooms_.ids);
    exchange.at = rooms_.shared.clock.now();
    exchange.began = exchange.admitted = std::chrono::steady_clock::now();
    if (!admit(exchange, asked) || !make_plan(exchange, rooms_)) return false;
    const auto& mine = exchange.caching->asked();
    const auto& theirs = asked.caching->asked();
    // The answer is for whoever the stale one is for, or nobody asks for it.
    const bool is_same = mine.resource == theirs.resource && mine.for_all == theirs.for_all &&
                         mine.for_user == theirs.for_user;
    if (enforced("cache.revalidation_of_same") && !is_same) return false;
    prepare_fetch(exchange, rooms_, stale.answer);
    return true;
}

bool Revalidations::begin(const Exchange& asked, const Found& stale,
                          const std::shared_ptr<Flight>& flight)
{
    if (rooms_.draining || rooms_.late || running_.size() >= most) return false;
    try {
        auto& revalidation = running_.emplace_back();
        revalidation.place = std::prev(running_.end());
    } catch (const std::bad_alloc&) { // the client has its answer all the same
        return false;
    }
    try {
        auto& revalidation = running_.back();
        if (prepare(revalidation, asked, stale)) {
            auto& plan = *revalidation.exchange.caching;
            plan.fly(stale.is_own ? plan.own() : plan.all(), flight);
            send(revalidation);
            return true;
        }
    } catch (const std::bad_alloc&) { // the same
    }
    running_.pop_back();
    return false;
}

/// It may be over when this returns.
void Revalidations::send(Revalidation& revalidation)
{
    auto& exchange = revalidation.exchange;
    auto forwarding = forward(exchange, rooms_);
    revalidation.limit.arm(rooms_.timers, time_for(exchange), revalidation);
    ++exchange.generation->pins;
    rooms_.counters.cache_revalidations.add();
    try {
        asio::co_spawn(
            rooms_.io, std::move(forwarding),
            [this, &revalidation](const std::exception_ptr&, After) { end(revalidation); });
    } catch (...) {
        --exchange.generation->pins;
        throw;
    }
}

void Revalidations::end(Revalidation& revalidation) noexcept
{
    auto& generation = *revalidation.exchange.generation;
    count(revalidation.exchange);
    revalidation.exchange.end_request(); // wakes whoever waits for it
    running_.erase(revalidation.place);
    ended_(generation);
}

void Revalidations::stop() noexcept
{
    for (auto next = running_.begin(); next != running_.end();) (next++)->exchange.stop();
}

} // namespace gatehouse::gateway
