#include "gateway/relay/body_reader.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace gatehouse::gateway {

void BodyReader::begin(Framing framing, std::uint64_t limit, std::string_view own_names)
{
    framing_ = framing;
    limit_ = limit;
    seen_ = 0;
    done_ =
        framing.kind == BodyKind::none || (framing.kind == BodyKind::length && framing.length == 0);
    if (framing.kind == BodyKind::chunked) decoder_.reset(own_names);
}

Result<BodyReader::Piece, BodyError> BodyReader::take(std::span<char> raw)
{
    if (done_) return Piece{};
    if (framing_.kind == BodyKind::chunked) return take_chunks(raw);
    auto data = raw;
    if (framing_.kind == BodyKind::length) {
        data = raw.first(std::min<std::uint64_t>(raw.size(), framing_.length - seen_));
    }
    seen_ += data.size();
    if (framing_.kind == BodyKind::length) done_ = seen_ == framing_.length;
    return Piece{data, data.size()};
}

Result<BodyReader::Piece, BodyError> BodyReader::take_chunks(std::span<char> raw)
{
    Piece piece{raw.first(0), 0};
    std::size_t kept = 0;
    while (piece.consumed < raw.size() && !decoder_.done()) {
        const auto rest = raw.subspan(piece.consumed);
        const auto step = decoder_.step({rest.data(), rest.size()});
        if (!step) return BodyError::malformed;
        piece.consumed += step->consumed;
        if (step->data.empty()) continue;
        seen_ += step->data.size();
        if (enforced("relay.max_body_chunked") && limit_ != 0 && seen_ > limit_) {
            return BodyError::too_large;
        }
        // Data only ever moves towards the front, over framing that has been read.
        std::memmove(raw.data() + kept, step->data.data(), step->data.size());
        kept += step->data.size();
    }
    piece.data = raw.first(kept);
    done_ = decoder_.done();
    return piece;
}

bool BodyReader::end_of_input() noexcept
{
    if (framing_.kind == BodyKind::until_close) done_ = true;
    return done_;
}

std::uint64_t BodyReader::most_wanted() const noexcept
{
    if (framing_.kind == BodyKind::length) return framing_.length - seen_;
    return std::numeric_limits<std::uint64_t>::max();
}

} // namespace gatehouse::gateway
