#pragma once

#include "gateway/http/head.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// The line in front of a chunk: its size in hexadecimal and CRLF. The chunk itself and
/// `chunk_end` follow.
class ChunkHead {
public:
    explicit ChunkHead(std::uint64_t size) noexcept;

    [[nodiscard]] std::string_view text() const noexcept
    {
        return {text_.data() + begin_, text_.size() - begin_};
    }

private:
    std::array<char, 18> text_{}; // 16 digits, CR, LF
    std::size_t begin_ = 0;
};

inline constexpr std::string_view chunk_end = "\r\n";
/// The end of a chunked body without trailers.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Appends the end of a chunked body: the last chunk, trailers, the empty line.
void append_last_chunk(std::string& out, std::span<const Field> trailers);

} // namespace gatehouse::gateway
