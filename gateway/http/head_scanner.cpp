#include "gateway/http/head_scanner.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

/// RFC 9112, 2.2: at least one empty line in front of a request is forgiven, for old clients send
/// one behind a body. Two is our bound.
constexpr std::size_t forgiven_bytes = 2 * std::string_view("\r\n").size();

/// The first byte of a line's text that may not be there.
std::optional<ParseError> forbidden_byte(std::string_view text)
{
    if (!has_control(text)) return {};
    for (const char c : text) {
        if (enforced("http.bare_cr") && c == '\r') return ParseError::bare_cr;
        if (enforced("http.control_byte") && is_control(c) && c != '\r') {
            return ParseError::control_byte;
        }
    }
    return {};
}

/// The bytes end inside a line; `is_full` when no more of them would be looked at.
Result<std::optional<std::size_t>, ParseError> unfinished(bool is_full)
{
    if (enforced("http.head_bytes") && is_full) return ParseError::head_too_large;
    return std::optional<std::size_t>();
}

} // namespace

Result<std::optional<std::size_t>, ParseError> HeadScanner::scan(std::string_view received,
                                                                 Limits limits)
{
    for (;;) {
        // Nothing behind the limit is looked at: the answer is the same for every split.
        const auto within = received.substr(0, start_ + limits.bytes);
        const auto lf = within.find('\n', judged_);
        const auto line_end = std::min(lf, within.size());
        // A CR that is the last byte so far may still get its LF.
        const bool cr = line_end > line_ && within[line_end - 1] == '\r';
        const auto text_end = line_end - std::size_t{cr};

        if (const auto error = forbidden_byte(within.substr(judged_, text_end - judged_))) {
            return *error;
        }
        judged_ = text_end;
        if (lf == std::string_view::npos) return unfinished(within.size() < received.size());
        if (enforced("http.bare_lf") && !cr) return ParseError::bare_lf;

        const auto line = within.substr(line_, text_end - line_);
        line_ = judged_ = lf + 1;
        if (line.empty() && lines_ > 0) return std::optional(line_);
        if (const auto error = judge_line(line, limits)) return *error;
    }
}

std::optional<ParseError> HeadScanner::judge_line(std::string_view line, const Limits& limits)
{
    if (line.empty()) {
        start_ = line_;
        const auto forgiven = before_ == Before::empty_lines_allowed ? forgiven_bytes : 0;
        if (enforced("http.empty_lines") && start_ > forgiven) {
            return ParseError::too_many_empty_lines;
        }
        return {};
    }
    if (enforced("http.folded_line") && lines_ > 0 && is_blank(line.front())) {
        return ParseError::folded_line; // R6
    }
    ++lines_;
    if (enforced("http.head_fields") && lines_ > limits.fields + 1) {
        return ParseError::too_many_fields; // R17; the start line is no field
    }
    return {};
}

} // namespace gatehouse::gateway
