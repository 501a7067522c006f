// The second half of a conversation: the answer on its way to the client.
#include "config/basics/enforced.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/pipeline/answer_treatment.hpp"
#include "gateway/pipeline/serve_cache.hpp"
#include "gateway/pipeline/serve_compression.hpp"
#include "gateway/pipeline/serve_conversation.hpp"
#include "gateway/pipeline/serve_steps.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] BodyKind framing_for(Version client, BodyKind arriving) noexcept
{
    if (arriving != BodyKind::chunked && arriving != BodyKind::until_close) return arriving;
    return client == Version::http_1_1 ? BodyKind::chunked : BodyKind::until_close;
}

/// Server-sent events come when something happens, which may be seldom.
[[nodiscard]] bool is_event_stream(const ResponseHead& response) noexcept
{
    const auto type = only_value(response.fields, "content-type");
    return equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "text/event-stream");
}

} // namespace

/// How long the answer may be silent. Who waits longer for its head waits longer for the rest.
std::chrono::milliseconds Conversation::gap_in_answer() const
{
    const auto usual = deadlines_.response_gap;
    const auto gap = exchange_.scratch.route->settings->timeout.value_or(usual);
    const auto longer = std::max<std::chrono::milliseconds>(usual, gap);
    if (!is_event_stream(exchange_.response)) return longer;
    return std::max<std::chrono::milliseconds>(longer, deadlines_.event_stream_gap);
}

Buffer Conversation::take_behind_head() noexcept
{
    exchange_.upstream_in.consume(response_head_bytes_);
    return std::move(exchange_.upstream_in);
}

bool Conversation::begin_answer()
{
    auto& response = exchange_.response;
    spoke_too_early_ = enforced("serve.websocket_answered") && exchange_.request.websocket &&
                       !client_.is_quiet(); // R10
    AnswerRecorder* copy = nullptr;
    if (exchange_.caching) [[unlikely]]
        copy = begin_recording(exchange_, rooms_);
    Framing framing = response.framing;
    BodyEncoder* encoder = nullptr;
    if (may_be_compressed(exchange_)) [[unlikely]] {
        begin_encoding(exchange_, rooms_, response);
        encoder = encoder_of(exchange_);
        if (encoder != nullptr) framing.kind = BodyKind::chunked;
    }
    framing.kind = framing_for(exchange_.request.version, framing.kind);
    // Whoever answers before the body has arrived may never read it: this connection ends here.
    keep_alive_ = exchange_.request.keep_alive && !rooms_.draining &&
                  exchange_.upload.state == BodyPump::State::done && !spoke_too_early_ &&
                  framing.kind != BodyKind::until_close;
    HeadWriter head(rooms_.desk);
    auto delivery = delivery_to(exchange_, rooms_, framing, keep_alive_);
    const AnswerTreatment treatment(exchange_);
    treatment.apply_to(delivery);
    tell_encoding(exchange_, delivery);
    write_downstream_head(head, response, delivery);
    if (head.overflowed()) return false;

    BodyPump::Plan plan;
    plan.source = &upstream_;
    plan.sink = &client_;
    plan.framing = response.framing;
    plan.sent_as = framing.kind;
    plan.then_end = !keep_alive_;
    plan.own_names = exchange_.generation->runtime->policy.own_trailers;
    if (const auto* changed = exchange_.admission.route->treatment)
        plan.own_names = changed->response_trailers;
    plan.pieces = &rooms_.blocks;
    if (encoder == nullptr) plan.large_pieces = &rooms_.large_blocks;
    plan.copy = copy;
    plan.for_nobody = exchange_.client.nobody;
    plan.encoder = encoder;
    const auto behind = exchange_.upstream_in.bytes().subspan(response_head_bytes_);
    exchange_.answer.pump.begin(plan, head.written(), behind);
    exchange_.status = response.status;
    exchange_.answer_head_bytes = head.size();
    return true;
}

bool Conversation::answer_failed() const noexcept
{
    switch (exchange_.answer.state) {
    case BodyPump::State::source_broken:
    case BodyPump::State::malformed:
    case BodyPump::State::too_large:
    case BodyPump::State::sink_broken:
        return true;
    case BodyPump::State::moving:
    case BodyPump::State::source_waits:
    case BodyPump::State::sink_waits:
    case BodyPump::State::done:
        break;
    }
    return exchange_.answer.limit.has_passed();
}

Delivered Conversation::finished() const
{
    const bool upload_done = exchange_.upload.state == BodyPump::State::done;
    // Bytes behind the answer were not asked for; whoever sends them is not to be trusted with
    // the next request.  R15
    const bool is_clean =
        !enforced("serve.upstream_leftover") || exchange_.answer.pump.leftover().empty();
    Delivered delivered;
    delivered.upstream_is_free = upload_done && exchange_.response.keep_alive &&
                                 exchange_.response.framing.kind != BodyKind::until_close &&
                                 is_clean;
    delivered.after = After::linger;
    if (upload_done && !spoke_too_early_)
        delivered.after = keep_alive_ ? After::keep : After::close;
    return delivered;
}

/// An answer that is under way is cut off, so that nobody takes it for whole.
bool Conversation::has_to_end()
{
    const auto ended = look_around();
    if (ended != Ended::no) exchange_.reason = to_string(ended);
    return ended != Ended::no;
}

std::optional<Delivered> Conversation::begin_delivery()
{
    exchange_.patience.clear();
    if (!begin_answer()) return Delivered{};
    auto& answer = exchange_.answer;
    if (is_in_company(exchange_)) {
        answer.line_up(rooms_.turn, exchange_.waiter, Direction::Wake::always);
    } else {
        answer.step();
    }
    if (answer.state == BodyPump::State::malformed && answer.pump.bytes_sent() == 0) {
        return Delivered{.garbage = true};
    }
    return delivered();
}

std::optional<Delivered> Conversation::delivered() const
{
    if (exchange_.answer.state != BodyPump::State::done) return std::nullopt;
    return finished();
}

Task<Delivered> Conversation::finish_delivery()
{
    Delivered cut;
    response_gap_ = gap_in_answer();
    while (exchange_.answer.state != BodyPump::State::done) {
        if (answer_failed() || client_has_left() || has_to_end()) co_return cut;
        if (upload_failure()) co_return cut;
        if (exchange_.upload.limit.has_passed()) {
            // The answer goes on without the rest of the body.
            exchange_.upload.state = BodyPump::State::sink_broken;
        }
        prepare_wait();
        co_await exchange_.waiter.sleep();
        continue_upload();
        exchange_.answer.step();
    }
    co_return finished();
}

} // namespace gatehouse::gateway
