#include "gateway/pipeline/serve_conversation.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/headers/upstream_head.hpp"
#include "gateway/pipeline/answer_treatment.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/pipeline/unheard_proxy.hpp"

namespace gatehouse::gateway {
namespace {

// How often a waiting request looks whether its client is still there, and whether its session is:
// often enough to spare the upstream work that nobody wants and to be over within a second of a
// logout, seldom enough to cost nothing. What is answered sooner never looks.
constexpr std::chrono::milliseconds look_every{500};

// One for each second of the default response_head: more than any use of 102 or 103 needs. Without
// a bound an upstream that sends nothing else would keep the worker from everybody else's requests.
constexpr int most_interim_answers = 60;

[[nodiscard]] bool stands_still(const Direction& direction) noexcept
{
    return direction.state == BodyPump::State::source_waits ||
           direction.state == BodyPump::State::sink_waits;
}

/// More could be done at once: what is lined up is woken for anyway.
[[nodiscard]] bool could_go_on(const Direction& direction) noexcept
{
    return direction.state == BodyPump::State::moving && !direction.is_lined_up();
}

} // namespace

Conversation::Conversation(Exchange& exchange, Rooms& rooms, Socket& upstream)
    : exchange_(exchange),
      rooms_(rooms),
      client_(*exchange.client.socket),
      upstream_(upstream),
      deadlines_(exchange.settings().deadlines),
      response_head_patience_(exchange.scratch.route->settings->timeout.value_or(
          exchange.settings().deadlines.response_head)),
      response_gap_(deadlines_.response_gap)
{
}

bool Conversation::begin_upload(std::string_view authority)
{
    auto& request = exchange_.request;
    const auto& admission = exchange_.admission;
    const auto& runtime = *exchange_.generation->runtime;
    bool unheard = false;
    const Forwarding forwarding{.policy = runtime.policy,
                                .ids = rooms_.ids,
                                .peer = exchange_.client.peer(),
                                .clients = runtime.clients,
                                .request_id = exchange_.id.text(),
                                .upstream_host = authority,
                                .body = request.framing,
                                .expect_continue = request.expects_continue,
                                .trace = told_of_trace(exchange_),
                                .unheard = &unheard,
                                .certificate = exchange_.client.certificate};
    HeadWriter head(rooms_.desk);
    write_upstream_head(head, request, admission, forwarding);
    if (head.overflowed()) return false;
    if (unheard) note_unheard(exchange_, rooms_);

    const auto& settings = *admission.route->settings;
    BodyPump::Plan plan;
    plan.source = &client_;
    plan.sink = &upstream_;
    plan.framing = request.framing;
    plan.sent_as = request.framing.kind;
    plan.limit = settings.max_body_bytes.value_or(runtime.settings.limits.max_body_bytes);
    plan.own_names = runtime.policy.own_trailers;
    if (const auto* treatment = admission.route->treatment)
        plan.own_names = treatment->request_trailers;
    plan.pieces = &rooms_.blocks;
    // What follows a chunked body has to fit into the connection's buffer again.
    const bool may_read_past = request.framing.kind == BodyKind::chunked;
    plan.large_pieces = may_read_past ? nullptr : &rooms_.large_blocks;
    exchange_.upload.pump.begin(plan, head.written(), exchange_.behind_head());
    exchange_.upload_begun = true;
    return true;
}

bool Conversation::upload_is_over() const noexcept
{
    const auto state = exchange_.upload.state;
    return state == BodyPump::State::done || state == BodyPump::State::sink_broken;
}

void Conversation::continue_upload()
{
    if (!upload_is_over()) exchange_.upload.step();
}

std::optional<Asked> Conversation::upload_failure() const noexcept
{
    switch (exchange_.upload.state) {
    case BodyPump::State::source_broken:
        return Asked::client_left;
    case BodyPump::State::malformed:
        return Asked::upload_malformed;
    case BodyPump::State::too_large:
        return Asked::upload_too_large;
    // An upstream that takes no more may still have answered.
    case BodyPump::State::sink_broken:
    case BodyPump::State::moving:
    case BodyPump::State::source_waits:
    case BodyPump::State::sink_waits:
    case BodyPump::State::done:
        break;
    }
    return std::nullopt;
}

/// Heard::nothing: the head is not whole.
Conversation::Heard Conversation::judge_received()
{
    if (exchange_.upstream_in.empty()) return Heard::nothing;
    using enum ResponseParser::Switching;
    const auto head = exchange_.response_parser.parse(
        exchange_.upstream_in.text(), exchange_.response, exchange_.request.method,
        exchange_.settings().limits, exchange_.admission.upgrade ? asked_for : not_asked_for);
    if (!head) return Heard::garbage;
    const auto& bytes = *head;
    if (!bytes) return Heard::nothing;
    response_head_bytes_ = *bytes;
    const auto status = exchange_.response.status;
    return status < 200 && status != switching_protocols ? Heard::interim : Heard::final;
}

Conversation::Heard Conversation::hear()
{
    // An interim answer that the client has not taken yet holds up what comes behind it.
    if (exchange_.answer.state != BodyPump::State::done) return Heard::nothing;
    for (;;) {
        const auto heard = judge_received();
        if (heard != Heard::nothing) return heard;
        const auto more = read_more();
        if (more != Heard::final) return more;
    }
}

/// Heard::final: there is more to parse.
Conversation::Heard Conversation::read_more()
{
    auto& in = exchange_.upstream_in;
    if (in.empty() && !upstream_.may_have_data()) return Heard::nothing;
    if (!in.has_block()) in = Buffer(rooms_.blocks);
    if (in.room().empty()) in.make_room();
    if (in.room().empty()) return Heard::garbage; // a head larger than a block
    const auto got = upstream_.read(in.room());
    if (got.state == Transfer::State::moved) {
        in.added(got.bytes);
        return Heard::final;
    }
    if (got.state == Transfer::State::would_block) return Heard::nothing;
    // After an interim answer it is not one that never answered, and the request is not repeated.
    const bool answered =
        !in.empty() || (enforced("serve.interim_is_an_answer") && interim_answers_ > 0);
    return answered ? Heard::broke_off : Heard::closed;
}

std::optional<Asked> Conversation::pass_on_interim()
{
    const bool flood = ++interim_answers_ > most_interim_answers;
    if (enforced("serve.interim_flood") && flood) return Asked::garbage; // R62
    if (exchange_.request.version == Version::http_1_1) {
        HeadWriter head(rooms_.desk);
        auto delivery = delivery_to(exchange_, rooms_, Framing{}, true);
        const AnswerTreatment treatment(exchange_);
        treatment.apply_to(delivery);
        write_downstream_head(head, exchange_.response, delivery);
        if (head.overflowed()) return Asked::garbage;
        BodyPump::Plan plan;
        plan.sink = &client_;
        exchange_.answer.pump.begin(plan, head.written(), {});
        exchange_.answer.step();
    }
    exchange_.upstream_in.consume(response_head_bytes_);
    return std::nullopt;
}

std::optional<Asked> Conversation::out_of_time()
{
    if (exchange_.upload.limit.has_passed()) {
        return exchange_.upload.state == BodyPump::State::source_waits ? Asked::upload_silent
                                                                       : Asked::too_late;
    }
    if (exchange_.answer.limit.has_passed() || client_has_left()) return Asked::client_left;
    if (look_around() == Ended::with_its_session) return Asked::session_ended;
    if (exchange_.patience.has_passed()) return Asked::too_late;
    return std::nullopt;
}

/// Looked at now and then only: a client that sent its request and closed is gone, and what its
/// upstream still does is for nobody.
bool Conversation::client_has_left()
{
    if (exchange_.stopped) return true;
    return exchange_.next_look.has_passed() && upload_is_over() && client_.peer_has_left();
}

/// Now and then too: what ends the right to the answer.
Ended Conversation::look_around()
{
    auto& look = exchange_.next_look;
    if (!look.has_passed()) return Ended::no;
    look.clear();
    const auto now = rooms_.shared.clock.seconds();
    return ended_meanwhile(deciding_rooms(exchange_, rooms_), exchange_.admission, now);
}

void Conversation::prepare_wait()
{
    auto& waiter = exchange_.waiter;
    auto& upload = exchange_.upload;
    auto& answer = exchange_.answer;
    if (could_go_on(upload) || could_go_on(answer)) {
        rooms_.turn.send_at_end(exchange_.pause, waiter);
    }
    if (stands_still(upload)) {
        const Direction::Patience patience{deadlines_.body_gap, deadlines_.write_stall};
        upload.wait(client_, upstream_, patience, rooms_.timers, waiter);
    } else {
        upload.limit.clear();
    }
    if (stands_still(answer)) {
        const Direction::Patience patience{response_gap_, deadlines_.write_stall};
        answer.wait(upstream_, client_, patience, rooms_.timers, waiter);
    } else {
        answer.limit.clear();
    }
    const bool asked = upload_is_over() || upload.is_lined_up(); // of which nobody is told
    const bool looks = asked || exchange_.admission.principal != nullptr;
    if (looks && !exchange_.next_look.is_armed()) {
        exchange_.next_look.arm(rooms_.timers, look_every, waiter);
    }
}

void Conversation::prepare_wait_for_head()
{
    prepare_wait();
    upstream_.wake_when_readable(exchange_.waiter);
    const bool asked = upload_is_over() || exchange_.upload.is_lined_up();
    if (asked && !exchange_.patience.is_armed()) {
        exchange_.patience.arm(rooms_.timers, response_head_patience_, exchange_.waiter);
    }
}

/// What the upstream's answer came to; nothing: it has to be waited for.
std::optional<Asked> Conversation::listen()
{
    for (;;) {
        if (exchange_.answer.state == BodyPump::State::sink_broken) return Asked::client_left;
        switch (hear()) {
        case Heard::final:
            return Asked::answered;
        case Heard::closed:
            return Asked::unanswered;
        case Heard::broke_off:
            return Asked::broke_off;
        case Heard::garbage:
            return Asked::garbage;
        case Heard::nothing:
            return std::nullopt;
        case Heard::interim:
            break;
        }
        if (const auto failed = pass_on_interim()) return failed;
    }
}

/// The same, or nothing: then whoever asks is woken when there is more to hear.
std::optional<Asked> Conversation::listen_or_wait()
{
    if (const auto failed = upload_failure()) return failed;
    if (const auto heard = listen()) return heard;
    if (const auto failed = out_of_time()) return failed;
    prepare_wait_for_head();
    return std::nullopt;
}

std::optional<Asked> Conversation::begin_asking(std::string_view authority)
{
    if (!begin_upload(authority)) return Asked::head_too_large;
    if (is_in_company(exchange_)) {
        exchange_.upload.line_up(rooms_.turn, exchange_.waiter, Direction::Wake::on_failure);
    } else {
        exchange_.upload.step();
    }
    return listen_or_wait();
}

std::optional<Asked> Conversation::go_on_asking()
{
    continue_upload();
    if (exchange_.answer.state != BodyPump::State::done) exchange_.answer.step();
    return listen_or_wait();
}

Task<Asked> Conversation::ask(std::string_view authority)
{
    auto asked = begin_asking(authority);
    while (!asked) {
        co_await exchange_.waiter.sleep();
        asked = go_on_asking();
    }
    co_return *asked;
}

} // namespace gatehouse::gateway
