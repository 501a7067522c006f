#include "gateway/relay/tunnel_flow.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatehouse::gateway {
namespace {

// After this many pieces other connections have their turn: 1 MiB with 64 KiB pieces.
constexpr int pieces_per_step = 16;

Transfer write(Socket& sink, std::span<const char> bytes) noexcept
{
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()}; // only ever read
    return sink.write({&piece, 1});
}

} // namespace

TunnelFlow::TunnelFlow(Socket& source, Socket& sink, BufferPool& pieces, Buffer early)
    : source_(source),
      sink_(sink),
      pieces_(pieces)
{
    if (!early.empty()) held_ = std::move(early);
}

void TunnelFlow::say_last(std::string words, Begun begun)
{
    if (state_ == State::done) return;
    unlink();
    speaks_last_ = true;
    words_ = std::move(words);
    owed_ = sink_.owed_bytes();
    if (begun == Begun::abandon && has_begun()) {
        words_.clear();
        held_ = Buffer();
        state_ = finish();
    }
}

TunnelFlow::State TunnelFlow::step(Turn& turn, Wakeable& whom)
{
    const bool is_over =
        state_ == State::done || state_ == State::source_broken || state_ == State::sink_broken;
    if (!is_over && !is_linked()) state_ = move_on(turn, whom);
    return state_;
}

bool TunnelFlow::send() noexcept
{
    if (const auto stop = flush()) {
        state_ = *stop;
        return true;
    }
    if (!held_.empty()) {
        state_ = State::moving;
        return true;
    }
    state_ = State::source_waits;
    held_ = Buffer();
    return false;
}

TunnelFlow::State TunnelFlow::move_on(Turn& turn, Wakeable& whom)
{
    for (int pieces = 0; pieces < pieces_per_step; ++pieces) {
        if (speaks_last_ && !has_begun()) return say_words();
        if (!held_.empty()) {
            if (const auto stop = flush()) return *stop;
            ++moves_;
        } else if (source_ended_) {
            return finish();
        } else if (const auto stop = fill()) {
            held_ = Buffer(); // nobody waits with a block in hand
            return *stop;
        } else if (!speaks_last_ && !held_.empty() && held_.size() <= Turn::longest_bytes &&
                   !source_.may_have_data()) {
            turn.send_at_end(*this, whom);
            return State::lined_up;
        }
    }
    return State::moving;
}

/// The receiver waits for the rest of a frame, or of a record.
bool TunnelFlow::has_begun() const noexcept
{
    return owed_ != 0 || !frames_.is_between_frames();
}

/// Once it is to end, not a byte behind what has begun.
std::uint64_t TunnelFlow::most_wanted() const noexcept
{
    if (!speaks_last_) return std::numeric_limits<std::uint64_t>::max();
    return owed_ != 0 ? owed_ : frames_.missing();
}

std::optional<TunnelFlow::State> TunnelFlow::fill()
{
    if (!source_.may_have_data()) return State::source_waits;
    if (!held_.has_block()) held_ = Buffer(pieces_);
    const auto room = held_.room();
    const auto got = source_.read(room.first(std::min<std::uint64_t>(room.size(), most_wanted())));
    switch (got.state) {
    case Transfer::State::moved:
        held_.added(got.bytes);
        ++moves_;
        return std::nullopt;
    case Transfer::State::would_block:
        return State::source_waits;
    case Transfer::State::failed:
        return State::source_broken;
    case Transfer::State::ended:
        break;
    }
    source_ended_ = true;
    return std::nullopt;
}

std::optional<TunnelFlow::State> TunnelFlow::flush()
{
    const auto bytes = held_.bytes();
    const auto piece = bytes.first(std::min<std::uint64_t>(bytes.size(), most_wanted()));
    const auto sent = write(sink_, piece);
    if (sent.state == Transfer::State::would_block) return State::sink_waits;
    if (sent.state != Transfer::State::moved) return State::sink_broken;
    frames_.pass({piece.data(), sent.bytes});
    bytes_ += sent.bytes;
    owed_ -= std::min(owed_, sent.bytes);
    held_.consume(sent.bytes);
    return std::nullopt;
}

TunnelFlow::State TunnelFlow::say_words()
{
    held_ = Buffer();
    while (!words_.empty()) {
        const auto sent = write(sink_, words_);
        if (sent.state == Transfer::State::would_block) return State::sink_waits;
        if (sent.state != Transfer::State::moved) return State::sink_broken;
        words_.erase(0, sent.bytes);
    }
    return finish();
}

TunnelFlow::State TunnelFlow::finish()
{
    held_ = Buffer();
    sink_.finish_sending();
    return State::done;
}

} // namespace gatehouse::gateway
