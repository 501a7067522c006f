#include "gateway/pipeline/serve_exchange.hpp"

#include <cstring>
#include <functional>

namespace gatehouse::gateway {

void Direction::line_up(Turn& turn, Wakeable& whom, Wake when)
{
    state = pump.gather();
    if (state == BodyPump::State::moving) return step();
    if (state != BodyPump::State::done) return;
    state = BodyPump::State::moving;
    wake_ = when;
    turn.send_at_end(*this, whom);
}

void Direction::wait(Socket& source, Socket& sink, Patience patience, Timers& timers,
                     Waiter& waiter)
{
    const bool for_source = state == BodyPump::State::source_waits;
    if (!for_source && state != BodyPump::State::sink_waits) return limit.clear();
    if (for_source) {
        source.wake_when_readable(waiter);
    } else {
        sink.wake_when_writable(waiter);
    }
    const auto moved = pump.bytes_read() + pump.bytes_sent();
    if (limit.is_armed() && state == waited_in_ && moved == waited_at_) return;
    waited_in_ = state;
    waited_at_ = moved;
    limit.arm(timers, for_source ? patience.gap : patience.stall, waiter);
}

void Direction::end() noexcept
{
    unlink();
    limit.clear();
    pump.end();
    state = BodyPump::State::done;
}

void Exchange::take_from_behind_head(std::size_t bytes) noexcept
{
    const auto behind = behind_head();
    std::memmove(behind.data(), behind.data() + bytes, behind.size() - bytes);
    in.remove_last(bytes);
}

std::string_view Exchange::next_request() noexcept
{
    if (upload_begun) return upload.pump.leftover();
    const auto behind = behind_head();
    return {behind.data(), behind.size()};
}

void Exchange::keep_head_only()
{
    const auto arrived = in.text();
    kept_head.assign(arrived);
    const auto follow = [&](std::string_view& view) {
        const bool is_in_block = std::less_equal<>{}(arrived.data(), view.data()) &&
                                 std::less_equal<>{}(view.data(), arrived.data() + arrived.size());
        if (!is_in_block) return;
        const auto place = static_cast<std::size_t>(view.data() - arrived.data());
        view = std::string_view(kept_head).substr(place, view.size());
    };
    for (auto* view : {&request.method, &request.target, &request.host, &request.origin_target,
                       &scratch.judged_path, &admission.path, &admission.query}) {
        follow(*view);
    }
    for (auto& field : request.fields) {
        follow(field.name);
        follow(field.value);
    }
    upload.end(); // what it remembers of the block is nothing any more
    in = Buffer();
    head_bytes = 0;
    bytes_in += arrived.size();
    upload_begun = false;
}

void Exchange::begin_request() noexcept
{
    head_bytes = 0;
    request.method = request.target = request.host = request.origin_target = {};
    request.fields.clear();
    request.framing = {};
    request.keep_alive = false; // until a head says otherwise
    scratch.route = nullptr;
    scratch.judged_path = {};
    response_parser.reset();
    upload_begun = false;
    kept_body.clear();
    own_fields.clear();
    status = 0;
    bytes_in = 0;
    bytes_out = 0;
    asked = nullptr;
    trace.forget();
    answer_head_bytes = 0;
    upstream_name = {};
    principal.user_id.clear();
    refusal = would_refuse = {};
    reason.clear();
}

void Exchange::end_request() noexcept
{
    const auto next = next_request();
    if (upload_begun &&
        (next.data() < in.text().data() || next.data() > in.text().data() + in.size())) {
        in.consume(in.size()); // it was read into a block of the upload's
        in.append(next);
    } else {
        in.consume(in.size() - next.size());
    }
    upload_begun = false;
    head_bytes = 0;
    if (limits) limits->end();
    caching.reset();
    encoding.reset();
    pause.unlink();
    upload.end();
    answer.end();
    patience.clear();
    next_look.clear();
    upstream_in = Buffer();
    waiter.forget();
}

void Exchange::stop() noexcept
{
    stopped = true;
    patience.expire();
    waiter.wake();
}

} // namespace gatehouse::gateway
