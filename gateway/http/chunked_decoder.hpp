#pragma once

#include "config/basics/result.hpp"
#include "gateway/http/head.hpp"
#include "gateway/http/parse_error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Takes a chunked body apart, strictly and piece by piece (RFC 9112, 7.1; SECURITY.md R4, R5):
/// hexadecimal sizes, CRLF and nothing else ends a line, extensions are checked and dropped,
/// trailers are bounded. It works on any split of the input and never copies body data. Reused
/// from body to body; allocates only for lines cut by a packet and for trailers.
class ChunkedDecoder {
public:
    struct Step {
        std::size_t consumed = 0; // of the bytes given
        std::string_view data;    // body bytes among them; may be empty
    };

    /// Takes from the front of `bytes`: framing up to and including the next piece of body data,
    /// of which there is at most one per step. Call it in a loop on what is left until that is
    /// empty or done() is true; what is left then belongs to the next message.
    [[nodiscard]] Result<Step, ParseError> step(std::string_view bytes);

    /// True behind the last chunk and its trailers. A body that ends before that is truncated.
    [[nodiscard]] bool done() const noexcept { return state_ == State::done; }

    /// The trailers that may travel on, when done(). Names that would frame, route, identify or
    /// authenticate are not among them (RFC 9110, 6.5.1). Valid until reset().
    [[nodiscard]] std::span<const Field> trailers() const noexcept { return trailers_; }

    /// Begins the next body. Trailers called as one of `own_names` (with commas between them) are
    /// dropped too; the view has to stay valid.
    void reset(std::string_view own_names = {});

private:
    enum class State : std::uint8_t { size_line, data, data_cr, data_lf, trailer_line, done };

    /// Takes bytes of a line of at most `limit` bytes; line_ is set when it is complete.
    Result<std::size_t, ParseError> take_line(std::string_view bytes, std::size_t limit,
                                              ParseError too_long);
    Result<std::size_t, ParseError> take_size_line(std::string_view bytes);
    Result<std::size_t, ParseError> take_line_end(char byte);
    Result<std::size_t, ParseError> take_trailer_line(std::string_view bytes);
    std::optional<ParseError> keep_trailer(std::string_view line);
    void finish();

    struct KeptTrailer { // places in kept_
        std::size_t name;
        std::size_t value;
        std::size_t end;
    };

    State state_ = State::size_line;
    std::uint64_t left_ = 0;          // bytes of the current chunk
    std::size_t extension_bytes_ = 0; // of the whole body
    std::size_t trailer_bytes_ = 0;
    std::string_view own_names_;
    std::optional<std::string_view> line_; // in the input or in partial_, without its CRLF
    std::string partial_;                  // the beginning of a line that a packet cut
    std::string kept_;                     // names and values of trailers that may travel on
    std::vector<KeptTrailer> kept_trailers_;
    std::vector<Field> trailers_;
};

} // namespace gatehouse::gateway
