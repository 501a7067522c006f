#include "gateway/http/head_scanner.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/http/find_control.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view line_end = "\r\n";

/// RFC 9112, 2.2: at least one empty line in front of a request is forgiven, for old clients send
/// one behind a body. Two is our bound.
constexpr std::size_t forgiven_bytes = 2 * line_end.size();

/// A control byte that does not begin a line end.
std::optional<ParseError> judge_control(char c)
{
    if (enforced("http.bare_cr") && c == '\r') return ParseError::bare_cr;
    if (enforced("http.bare_lf") && c == '\n') return ParseError::bare_lf;
    if (enforced("http.control_byte") && c != '\r' && c != '\n') return ParseError::control_byte;
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
        judged_ = std::min(find_control(within, judged_), within.size());
        const auto rest = within.substr(judged_);
        auto end = line_end.size();
        if (!rest.starts_with(line_end)) {
            // A CR that is the last byte so far may still get its LF.
            if (rest.empty() || rest == "\r") return unfinished(within.size() < received.size());
            if (const auto error = judge_control(rest.front())) return *error;
            end = rest.front() == '\n' ? 1 : 0;
            if (end == 0) { // a control byte that is let through
                ++judged_;
                continue;
            }
        }
        const HeadLine line{static_cast<std::uint32_t>(line_), static_cast<std::uint32_t>(judged_)};
        const char first = within[line_];
        line_ = judged_ += end;
        if (line.begin == line.end && !lines_.empty()) return std::optional(line_);
        if (const auto error = take_line(line, first, limits)) return *error;
    }
}

std::optional<ParseError> HeadScanner::take_line(HeadLine line, char first, const Limits& limits)
{
    if (line.begin == line.end) {
        start_ = line_;
        const auto forgiven = before_ == Before::empty_lines_allowed ? forgiven_bytes : 0;
        if (enforced("http.empty_lines") && start_ > forgiven) {
            return ParseError::too_many_empty_lines;
        }
        return {};
    }
    if (enforced("http.folded_line") && !lines_.empty() && is_blank(first)) {
        return ParseError::folded_line; // R6
    }
    lines_.push_back(line);
    if (enforced("http.head_fields") && lines_.size() > limits.fields + 1) {
        return ParseError::too_many_fields; // R17; the start line is no field
    }
    return {};
}

void HeadScanner::reset() noexcept
{
    start_ = line_ = judged_ = 0;
    lines_.clear();
}

} // namespace gatehouse::gateway
