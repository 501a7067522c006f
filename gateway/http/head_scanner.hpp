#pragma once

#include "config/basics/result.hpp"
#include "gateway/http/parse_error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Where a line of a head stands, without its CRLF: offsets, for the bytes may move between reads.
struct HeadLine {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] std::string_view of(std::string_view received) const noexcept
    {
        return {received.data() + begin, end - begin};
    }
};

/// Finds the end of a head, line by line, as its bytes arrive, and refuses at once what no head
/// may hold: control bytes, a bare CR or LF, folded lines (RFC 9112, 2.2 and 5.2). So a client
/// that ends its lines wrongly is answered instead of being waited for. Each byte is judged once,
/// however the head was cut into packets. Reused from head to head; it allocates nothing once warm.
class HeadScanner {
public:
    enum class Before : std::uint8_t { nothing_allowed, empty_lines_allowed };

    struct Limits {
        std::size_t bytes = 0;
        std::size_t fields = 0;
    };

    explicit HeadScanner(Before before) noexcept : before_(before) {}

    /// The size of the head up to and including its empty line (and any empty lines in front of
    /// it), or nothing while the end has not arrived.
    [[nodiscard]] Result<std::optional<std::size_t>, ParseError> scan(std::string_view received,
                                                                      Limits limits);

    /// Where the start line begins: behind the empty lines that were skipped.
    [[nodiscard]] std::size_t start() const noexcept { return start_; }

    /// The complete lines so far, the start line first.
    [[nodiscard]] std::span<const HeadLine> lines() const noexcept { return lines_; }

    /// Ready for the next head.
    void reset() noexcept;

private:
    std::optional<ParseError> take_line(HeadLine line, char first, const Limits& limits);

    Before before_;
    std::size_t start_ = 0;  // of the start line
    std::size_t line_ = 0;   // where the line being read begins
    std::size_t judged_ = 0; // bytes that need no second look
    std::vector<HeadLine> lines_;
};

} // namespace gatehouse::gateway
