#include "gateway/cache/answer_recorder.hpp"

#include <new>

namespace gatehouse::gateway {

bool AnswerRecorder::begin(std::shared_ptr<StoredAnswer> answer, const Framing& framing,
                           std::uint64_t most)
{
    most_ = most;
    answer->body = std::make_shared<StoredAnswer::Body>();
    answer->body->counted = store_.count_bytes();
    const auto expected = framing.kind == BodyKind::length ? framing.length : 0;
    if (!store_.make_room(answer->body->counted, expected)) return false;
    answer->body->bytes.reserve(expected);
    answer_ = std::move(answer);
    return true;
}

void AnswerRecorder::take(std::span<const char> piece, bool last) noexcept
{
    if (!answer_) return;
    auto& body = *answer_->body;
    const auto size = body.bytes.size() + piece.size();
    try {
        // A string that grows has room for as much again.
        const auto wanted = size <= body.bytes.capacity() ? body.bytes.capacity() : 2 * size;
        if (size > most_ || !store_.make_room(body.counted, wanted)) return answer_.reset();
        body.bytes.append(piece.data(), piece.size());
        if (last) finish();
    } catch (const std::bad_alloc&) {
        answer_.reset();
    }
}

void AnswerRecorder::end_without_body() noexcept
{
    try {
        if (answer_) finish();
    } catch (const std::bad_alloc&) {
        answer_.reset();
    }
}

void AnswerRecorder::finish()
{
    auto& body = *answer_->body;
    body.bytes.shrink_to_fit();
    body.counted.set(body.bytes.capacity());
    kept_ = store_.keep(place_, std::move(answer_), *flight_);
    answer_.reset();
    store_.land(place_, flight_);
}

} // namespace gatehouse::gateway
