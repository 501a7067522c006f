#include "gateway/relay/body_pump.hpp"

#include "gateway/cache/answer_recorder.hpp"
#include "gateway/compress/body_encoder.hpp"
#include "gateway/net/turn.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

// After this many pieces other connections have their turn: 1 MiB with 64 KiB pieces.
constexpr int pieces_per_step = 16;
// Of those that are packed, which takes a thousand times as long: 128 KiB, a millisecond or two.
constexpr int packed_per_step = 2;

} // namespace

void BodyPump::begin(const Plan& plan, std::string_view head, std::span<char> early)
{
    plan_ = plan;
    reader_.begin(plan.framing, plan.limit, plan.own_names);
    raw_ = early;
    filled_a_block_ = false;
    first_pending_ = pendings_ = 0;
    bytes_read_ = bytes_sent_ = 0;
    pend(head);
    head_is_pending_ = !head.empty();
}

void BodyPump::pend(std::string_view piece) noexcept
{
    if (piece.empty()) return;
    pending_[pendings_++] = {const_cast<char*>(piece.data()), piece.size()}; // only ever read
}

bool BodyPump::can_take_piece() const noexcept
{
    // The first piece joins the head that is still waiting: one system call for both.
    const bool can_join =
        pendings_ == 0 || (pendings_ == 1 && head_is_pending_ && bytes_sent_ == 0);
    return can_join && !raw_.empty() && !reader_.done();
}

BodyPump::State BodyPump::step()
{
    const int most = plan_.encoder == nullptr ? pieces_per_step : packed_per_step;
    for (int pieces = 0; pieces < most; ++pieces) {
        if (can_take_piece()) {
            if (const auto stop = take_piece()) return *stop;
        }
        if (const auto stop = flush()) return *stop;
        if (reader_.done()) return State::done;
        if (raw_.empty()) {
            if (const auto stop = fill()) return *stop;
        }
    }
    return State::moving;
}

BodyPump::State BodyPump::gather()
{
    if (can_take_piece()) {
        if (const auto stop = take_piece()) return *stop;
    }
    if (!reader_.done() || bytes_read_ > Turn::longest_bytes) return State::moving;
    keep_head();
    return State::done;
}

BodyPump::State BodyPump::send_gathered() noexcept
{
    if (const auto stop = flush()) return *stop;
    return State::done;
}

std::optional<BodyPump::State> BodyPump::flush()
{
    while (first_pending_ < pendings_) {
        const std::span<const iovec> unsent(pending_.data() + first_pending_,
                                            pendings_ - first_pending_);
        const bool last = plan_.then_end && reader_.done();
        const auto sent = last ? plan_.sink->write_last(unsent) : plan_.sink->write(unsent);
        if (sent.state != Transfer::State::moved) {
            if (plan_.for_nobody) break;
            keep_head();
            return sent.state == Transfer::State::would_block ? State::sink_waits
                                                              : State::sink_broken;
        }
        bytes_sent_ += sent.bytes;
        for (auto left = sent.bytes; left != 0;) {
            auto& piece = pending_[first_pending_];
            const auto taken = std::min(left, piece.iov_len);
            piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
            piece.iov_len -= taken;
            left -= taken;
            if (piece.iov_len == 0) {
                ++first_pending_;
                head_is_pending_ = false;
            }
        }
    }
    first_pending_ = pendings_ = 0;
    head_is_pending_ = false;
    return std::nullopt;
}

/// The head stands in memory that all exchanges of a worker share; whoever has to wait takes the
/// unsent rest of it along.
void BodyPump::keep_head()
{
    if (!head_is_pending_) return;
    auto& head = pending_[first_pending_];
    kept_head_.assign(static_cast<const char*>(head.iov_base), head.iov_len);
    head.iov_base = kept_head_.data();
    head_is_pending_ = false;
}

std::optional<BodyPump::State> BodyPump::fill()
{
    if (!buffer_.has_block() || (filled_a_block_ && plan_.large_pieces != nullptr)) {
        const bool large =
            plan_.large_pieces != nullptr &&
            (filled_a_block_ || (plan_.framing.kind == BodyKind::length &&
                                 reader_.most_wanted() > plan_.pieces->block_bytes()));
        auto& pool = large ? *plan_.large_pieces : *plan_.pieces;
        if (buffer_.capacity() != pool.block_bytes()) buffer_ = Buffer(pool);
    }
    buffer_.consume(buffer_.size());
    auto room = buffer_.room();
    room = room.first(std::min<std::uint64_t>(room.size(), reader_.most_wanted()));
    const auto got = plan_.source->read(room);
    switch (got.state) {
    case Transfer::State::moved:
        break;
    case Transfer::State::would_block:
        if (plan_.encoder != nullptr && plan_.encoder->holds_back()) return send_held_back();
        return State::source_waits;
    case Transfer::State::failed:
        return State::source_broken;
    case Transfer::State::ended:
        if (!reader_.end_of_input()) return State::source_broken;
        return send_piece({});
    }
    buffer_.added(got.bytes);
    filled_a_block_ = got.bytes == buffer_.capacity();
    raw_ = buffer_.bytes();
    return std::nullopt;
}

std::optional<BodyPump::State> BodyPump::take_piece()
{
    auto next = raw_;
    if (plan_.encoder != nullptr) [[unlikely]]
        next = raw_.first(std::min(raw_.size(), BodyEncoder::most_at_once));
    const auto piece = reader_.take(next);
    if (!piece) {
        return piece.error() == BodyError::too_large ? State::too_large : State::malformed;
    }
    bytes_read_ += piece->consumed;
    raw_ = raw_.subspan(piece->consumed);
    if (plan_.copy != nullptr) [[unlikely]]
        plan_.copy->take(piece->data, reader_.done());
    return send_piece(piece->data);
}

std::optional<BodyPump::State> BodyPump::send_piece(std::span<const char> data)
{
    if (plan_.encoder != nullptr) [[unlikely]] {
        const auto step = reader_.done() ? BodyEncoder::Step::finish : BodyEncoder::Step::more;
        const auto packed = plan_.encoder->take(data, step);
        if (!packed) return State::source_broken; // what is sent can only look cut off
        data = *packed;
    }
    frame_piece(data);
    return std::nullopt;
}

/// The sender pauses: who reads shall have all that it has said.
std::optional<BodyPump::State> BodyPump::send_held_back()
{
    const auto packed = plan_.encoder->take({}, BodyEncoder::Step::flush);
    if (!packed) return State::source_broken;
    frame_piece(*packed);
    return std::nullopt;
}

void BodyPump::frame_piece(std::span<const char> data)
{
    const std::string_view text(data.data(), data.size());
    if (plan_.sent_as != BodyKind::chunked) return pend(text);
    tail_.clear();
    if (!text.empty()) {
        chunk_head_ = ChunkHead(text.size());
        pend(chunk_head_.text());
        pend(text);
        tail_ = chunk_end;
    }
    // Trailers that nobody announced may be sums of other bytes.
    const auto trailers = plan_.encoder == nullptr ? reader_.trailers() : std::span<const Field>();
    if (reader_.done()) append_last_chunk(tail_, trailers);
    pend(tail_);
}

} // namespace gatehouse::gateway
