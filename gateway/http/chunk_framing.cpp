#include "gateway/http/chunk_framing.hpp"

namespace gatehouse::gateway {

ChunkHead::ChunkHead(std::uint64_t size) noexcept
{
    begin_ = text_.size();
    text_[--begin_] = '\n';
    text_[--begin_] = '\r';
    do {
        text_[--begin_] = "0123456789abcdef"[size % 16];
        size /= 16;
    } while (size > 0);
}

void append_last_chunk(std::string& out, std::span<const Field> trailers)
{
    out.append("0\r\n");
    for (const auto& trailer : trailers) {
        out.append(trailer.name).append(": ").append(trailer.value).append("\r\n");
    }
    out.append("\r\n");
}

} // namespace gatehouse::gateway
