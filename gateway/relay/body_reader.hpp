#pragma once

#include "config/basics/result.hpp"
#include "gateway/http/chunked_decoder.hpp"
#include "gateway/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::gateway {

enum class BodyError : std::uint8_t { malformed, too_large };

/// Takes the framing off a body, whichever it is. Reused from body to body.
class BodyReader {
public:
    /// More than `limit` bytes are an error; 0: no limit. Trailers named in `own_names` are
    /// dropped.
    void begin(Framing framing, std::uint64_t limit = 0, std::string_view own_names = {});

    struct Piece {
        std::span<char> data;     // body bytes, moved together at the front of what was given
        std::size_t consumed = 0; // bytes given that belong to this body; the rest is not its
    };

    [[nodiscard]] Result<Piece, BodyError> take(std::span<char> raw);

    /// The sender has closed. True if that is how this body ends.
    [[nodiscard]] bool end_of_input() noexcept;

    [[nodiscard]] bool done() const noexcept { return done_; }

    /// How many bytes may be read without reading past the end, as far as that is known.
    [[nodiscard]] std::uint64_t most_wanted() const noexcept;

    /// The trailers that may travel on, when done().
    [[nodiscard]] std::span<const Field> trailers() const noexcept
    {
        if (framing_.kind != BodyKind::chunked) return {};
        return decoder_.trailers();
    }

private:
    [[nodiscard]] Result<Piece, BodyError> take_chunks(std::span<char> raw);

    ChunkedDecoder decoder_;
    Framing framing_;
    std::uint64_t seen_ = 0; // body bytes
    std::uint64_t limit_ = 0;
    bool done_ = true;
};

} // namespace gatehouse::gateway
