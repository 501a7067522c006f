#pragma once

#include "auth/redis/reply.hpp"
#include "config/basics/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth::redis {

/// What is more than this is refused when it is announced, before memory is spent on it.
struct ReplyLimits {
    std::size_t line_bytes = 16 * 1024;   // a simple text, an error, a number
    std::size_t text_bytes = 1024 * 1024; // one text that is announced by its length
    std::size_t bytes = 8 * 1024 * 1024;  // a reply with all that is in it
    std::size_t items = 100'000;          // of a reply, those within lists in it included
    std::size_t depth = 8;                // lists in lists
};

enum class ReplyError : std::uint8_t {
    unknown_type, // also attributes and streamed values, which no command of ours brings
    bad_line_end, // anything but CR LF, or a CR elsewhere
    bad_value,    // a number, boolean or null in any spelling but the one
    misplaced_push,
    line_too_long,
    text_too_long,
    reply_too_long,
    too_many_items,
    too_deep
};

[[nodiscard]] std::string_view to_string(ReplyError error) noexcept;
std::ostream& operator<<(std::ostream& out, ReplyError error);

/// Reads RESP3 as it arrives, in pieces of any size, and each byte once.
/// https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
class ReplyReader {
public:
    explicit ReplyReader(ReplyLimits limits = {}) : limits_(limits) {}

    /// Takes bytes off the front of `bytes`: up to the end of one reply, which is returned, or all
    /// of them. After an error there is nothing to go on from, and the error is the only answer.
    [[nodiscard]] Result<std::optional<Reply>, ReplyError> take(std::string_view& bytes);

    /// Whether a reply that is no push has begun and not ended.
    [[nodiscard]] bool is_amid_reply() const noexcept;

private:
    using Step = Result<void, ReplyError>;

    /// A list that is not complete yet.
    struct Open {
        Reply reply;
        std::size_t missing = 0;
    };

    /// A text whose length was announced.
    struct Text {
        char type = '$';
        std::size_t length = 0;
        std::string bytes{}; // with the CR LF after it, as far as it arrived
    };

    [[nodiscard]] Step take_line(std::string_view& bytes);
    [[nodiscard]] Step take_text(std::string_view& bytes);
    [[nodiscard]] Step read_line(char type, std::string_view rest);
    [[nodiscard]] Step read_scalar(char type, std::string_view rest);
    [[nodiscard]] Step begin_text(char type, std::string_view rest);
    [[nodiscard]] Step begin_list(char type, std::string_view rest);
    [[nodiscard]] Step end_text();
    [[nodiscard]] Step spend(std::size_t bytes);
    void finish(Reply reply);

    ReplyLimits limits_;
    std::string line_;         // what has arrived of a line
    std::optional<Text> text_; // what has arrived of a text
    std::vector<Open> open_;   // outermost first
    std::size_t bytes_ = 0;    // of the reply so far
    std::size_t items_ = 0;    // announced in it so far
    std::optional<Reply> done_;
    std::optional<ReplyError> error_;
};

} // namespace gatehouse::auth::redis
