// What becomes of an answer on a route with `cache`, and what is sent instead of one.
#include "config/basics/enforced.hpp"
#include "gateway/cache/conditions.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/answer_treatment.hpp"
#include "gateway/pipeline/serve_cache.hpp"
#include "gateway/pipeline/serve_cache_facts.hpp"
#include "gateway/pipeline/serve_compression.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// How long nobody waits for answers that turned out to be for nobody else, or to be none.
constexpr std::chrono::seconds own_for = 60s;
constexpr std::chrono::seconds passed_for = 10s;
constexpr std::chrono::seconds failed_for = 1s;

/// What a 304 says of an answer that is not sent.  RFC 9110, 15.4.5
bool belongs_to_304(std::string_view name) noexcept
{
    static constexpr std::array<std::string_view, 8> names = {
        "cache-control", "content-location", "date", "etag",
        "expires",       "last-modified",    "vary", "strict-transport-security"};
    return std::ranges::any_of(
        names, [&](std::string_view each) { return equal_ignoring_case(name, each); });
}

/// What was counted of the upstream is what it answered, and not what the client gets.
void count_upstream(Exchange& exchange, unsigned status) noexcept
{
    if (exchange.asked != nullptr) exchange.asked->requests[status_class(status)].add();
    exchange.asked = nullptr;
}

/// Neither that something is wrong just now, nor that somebody asks too often.
bool says_what_is_there(unsigned status) noexcept
{
    return status < 500 && status != 304 && status != 408 && status != 429;
}

void forget_stored(const CachePlan& plan)
{
    plan.store.forget(plan.all());
    plan.store.forget(plan.own());
}

/// The stale answer is good again, as the 304 says. It is kept as that, unless it may not be any
/// more. What a 304 says of another answer makes it no better: then it is sent once more as it was.
void renew_stored(Exchange& exchange, Rooms& rooms)
{
    auto& plan = *exchange.caching;
    plan.status = "gatehouse; fwd=stale; fwd-status=304";
    if (!may_speak_of(exchange.response.fields, plan.etag)) {
        plan.word = "stale";
        forget_stored(plan);
        return plan.land();
    }
    const auto& old = *plan.stored;
    auto next = std::make_shared<StoredAnswer>();
    next->status = old.status;
    next->reason = old.reason;
    next->fields = fields_updated(old.fields, exchange.response.fields);
    next->body = old.body;
    ResponseHead head;
    head.status = old.status;
    head.fields = views_of(next->fields);
    for (const auto& field : exchange.response.fields) {
        if (equal_ignoring_case(field.name, "age") || equal_ignoring_case(field.name, "set-cookie"))
            head.fields.push_back(field);
    }
    const auto now = rooms.shared.clock.seconds();
    auto terms = judge_answer(head, plan.asked(), exchange.generation->runtime->policy,
                              plan.settings, plan.asked_at, now);
    next->freshness = terms.freshness;
    next->variation = std::move(terms.variation);
    if (terms.whom == KeptFor::nobody) {
        next->freshness.came = now; // it has no terms any more, but it is good as of now
        forget_stored(plan);
    } else {
        if (terms.whom == KeptFor::user) plan.store.forget(plan.all());
        (void)plan.store.keep(terms.whom == KeptFor::all ? plan.all() : plan.own(), next,
                              *plan.flight());
    }
    plan.stored = std::move(next);
    plan.land();
    plan.word = "revalidated";
}

bool may_stand_in_now(const Exchange& exchange, const Rooms& rooms)
{
    const auto& plan = exchange.caching;
    // What was purged meanwhile, or may have changed, is nobody's answer any more.
    const bool is_spoilt = plan && plan->flight() && plan->flight()->is_spoilt();
    return plan && plan->stored && plan->takes_part &&
           !(is_spoilt && enforced("cache.spoilt_stand_in")) &&
           may_stand_in(plan->stored->freshness, plan->wanted, rooms.shared.clock.seconds());
}

std::shared_ptr<StoredAnswer> answer_to_keep(const ResponseHead& response, AnswerTerms terms)
{
    auto answer = std::make_shared<StoredAnswer>();
    answer->status = response.status;
    answer->reason = response.reason;
    answer->fields = fields_to_keep(response.fields);
    answer->freshness = terms.freshness;
    answer->variation = std::move(terms.variation);
    return answer;
}

/// Whoever waits for this answer would wait in vain.
void release_others(CachePlan& plan, unsigned status, auth::Seconds now)
{
    const auto time = status >= 500 ? failed_for : passed_for;
    // A 304 is the answer to what this client has, and says nothing of others.
    if (status != 304) {
        plan.store.pass(plan.all(), now + time);
        plan.store.pass(plan.own(), now + time);
    }
    plan.land();
}

} // namespace

bool answer_is_kept(Exchange& exchange, Rooms& rooms)
{
    const auto status = exchange.response.status;
    if (!is_safe_method(exchange.request.method)) {
        if (invalidates(status) && enforced("cache.invalidate"))
            (void)rooms.shared.answers.invalidate(resource_key(cache_facts(exchange, {})));
        return false;
    }
    if (!exchange.caching || !exchange.caching->takes_part) return false;
    if (exchange.caching->asks_anew && status == 304) {
        count_upstream(exchange, status);
        renew_stored(exchange, rooms);
        return true;
    }
    if (status < 500 || !may_stand_in_now(exchange, rooms)) return false;
    count_upstream(exchange, status);
    exchange.caching->word = "stale";
    exchange.caching->status = "gatehouse; fwd=stale; fwd-status=" + std::to_string(status);
    release_others(*exchange.caching, status, rooms.shared.clock.seconds());
    return true;
}

bool has_stand_in(Exchange& exchange, Rooms& rooms)
{
    if (!exchange.caching) return false;
    const bool may = may_stand_in_now(exchange, rooms);
    if (exchange.caching->takes_part)
        release_others(*exchange.caching, 503, rooms.shared.clock.seconds());
    if (!may) return false;
    count_upstream(exchange, 0);
    exchange.caching->word = "stale";
    exchange.caching->status = "gatehouse; fwd=stale";
    return true;
}

Task<After> send_stored(Exchange& exchange, Rooms& rooms)
{
    if (exchange.client.nobody) return told_nobody();
    auto& plan = *exchange.caching;
    const auto& answer = *plan.stored;
    const bool is_known =
        answer.status == 200 && has_it_already(plan.conditions, answer.only_value("etag"),
                                               answer.only_value("last-modified"));
    plan.age = std::to_string(answer.freshness.age(rooms.shared.clock.seconds()).count());
    ResponseHead head;
    head.status = is_known ? 304 : answer.status;
    head.reason = is_known ? reason_phrase(304) : std::string_view(answer.reason);
    for (const auto& field : views_of(answer.fields)) {
        if (!is_known || belongs_to_304(field.name)) head.fields.push_back(field);
    }
    head.fields.push_back({"Age", plan.age});
    head.fields.push_back({"Cache-Status", plan.status});
    const bool has_body = !is_known && answer.status != 204;
    auto& bytes = answer.body->bytes;
    Framing framing;
    if (has_body) framing = {BodyKind::length, bytes.size()};
    head.framing = framing;
    if (may_be_compressed(exchange)) begin_encoding(exchange, rooms, head);
    auto* const encoder = encoder_of(exchange);
    if (exchange.encoding && !exchange.encoding->fields.coding.empty())
        framing = {encoder != nullptr ? BodyKind::chunked : BodyKind::none, 0};

    const auto ending = ending_of(exchange, rooms);
    HeadWriter out(rooms.desk);
    auto delivery = delivery_to(exchange, rooms, framing, ending.keep_alive);
    const AnswerTreatment treatment(exchange);
    treatment.apply_to(delivery);
    tell_encoding(exchange, delivery);
    write_downstream_head(out, head, delivery);
    if (out.overflowed()) return refuse(exchange, rooms, RefusalCode::overloaded);
    exchange.status = head.status;
    const bool sends_body = has_body && exchange.request.method != "HEAD";
    const std::span<char> body(bytes.data(), sends_body ? bytes.size() : 0);
    rooms.counters.cache_bytes.add(body.size());
    return send_answer(exchange, rooms, out.written(), body, ending.after, encoder);
}

AnswerRecorder* begin_recording(Exchange& exchange, Rooms& rooms)
{
    auto& plan = *exchange.caching;
    auto& response = exchange.response;
    AnswerRecorder* recorder = nullptr;
    if (plan.records) {
        const auto now = rooms.shared.clock.seconds();
        auto terms = judge_answer(response, plan.asked(), exchange.generation->runtime->policy,
                                  plan.settings, plan.asked_at, now);
        const auto whom = terms.whom;
        if (whom == KeptFor::nobody) {
            // What was kept is not so any more, and nothing takes its place.
            if (plan.stored && says_what_is_there(response.status)) forget_stored(plan);
            release_others(plan, response.status, now);
        } else {
            if (whom == KeptFor::user) {
                if (plan.stored) plan.store.forget(plan.all());
                plan.store.pass(plan.all(), now + own_for);
                plan.fly_for_user();
            }
            plan.recorder.emplace(plan.store, whom == KeptFor::all ? plan.all() : plan.own(),
                                  plan.flight());
            auto answer = answer_to_keep(response, std::move(terms));
            const auto most = plan.settings.max_body_bytes;
            const bool begins = plan.recorder->begin(std::move(answer), response.framing, most);
            if (begins) recorder = &*plan.recorder;
        }
    }
    if (recorder != nullptr) plan.status += "; stored";
    response.fields.push_back({"Cache-Status", plan.status});
    return recorder;
}

void end_recording(Exchange& exchange) noexcept
{
    auto& plan = *exchange.caching;
    if (plan.recorder && exchange.answer.pump.source_is_done()) plan.recorder->end_without_body();
    plan.recorder.reset();
    plan.land();
}

} // namespace gatehouse::gateway
