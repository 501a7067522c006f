#include "auth/redis/reply_reader.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;

constexpr std::string_view digits = "0123456789";

/// Digits without a zero in front, and a minus where that is allowed: one spelling per number.
[[nodiscard]] bool is_plain_integer(std::string_view text, bool may_be_negative)
{
    const bool negative = may_be_negative && text.starts_with('-');
    const auto number = text.substr(negative ? 1 : 0);
    if (number.empty() || number.find_first_not_of(digits) != number.npos) return false;
    return number.front() != '0' || (number.size() == 1 && !negative);
}

template <class Number>
[[nodiscard]] std::optional<Number> parsed(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

[[nodiscard]] std::optional<std::size_t> length_of(std::string_view text)
{
    return is_plain_integer(text, false) ? parsed<std::size_t>(text) : std::nullopt;
}

[[nodiscard]] bool is_double(std::string_view text)
{
    if (text == "inf" || text == "-inf" || text == "nan") return true;
    // from_chars alone would take "infinity" too.
    return text.find_first_not_of("0123456789+-.eE") == text.npos && parsed<double>(text);
}

[[nodiscard]] std::optional<Kind> kind_of_list(char type)
{
    switch (type) {
    case '*':
        return Kind::list;
    case '~':
        return Kind::set;
    case '%':
        return Kind::map;
    case '>':
        return Kind::push;
    default:
        return std::nullopt;
    }
}

} // namespace

std::string_view to_string(ReplyError error) noexcept
{
    switch (error) {
    case ReplyError::unknown_type:
        return "unknown_type";
    case ReplyError::bad_line_end:
        return "bad_line_end";
    case ReplyError::bad_value:
        return "bad_value";
    case ReplyError::misplaced_push:
        return "misplaced_push";
    case ReplyError::line_too_long:
        return "line_too_long";
    case ReplyError::text_too_long:
        return "text_too_long";
    case ReplyError::reply_too_long:
        return "reply_too_long";
    case ReplyError::too_many_items:
        return "too_many_items";
    case ReplyError::too_deep:
        return "too_deep";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, ReplyError error)
{
    return out << to_string(error);
}

Result<std::optional<Reply>, ReplyError> ReplyReader::take(std::string_view& bytes)
{
    while (!error_ && !done_ && !bytes.empty()) {
        const auto step = text_ ? take_text(bytes) : take_line(bytes);
        if (!step) error_ = step.error();
    }
    if (error_) return *error_;
    if (!done_) return std::optional<Reply>();
    bytes_ = 0;
    items_ = 0;
    return std::exchange(done_, std::nullopt);
}

bool ReplyReader::is_amid_reply() const noexcept
{
    if (!open_.empty()) return !open_.front().reply.is(Kind::push);
    return text_ || (!line_.empty() && line_.front() != '>');
}

ReplyReader::Step ReplyReader::take_line(std::string_view& bytes)
{
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end == bytes.npos ? end : end + 1);
    const auto longest = limits_.line_bytes + 3; // the type, CR and LF
    if (enforced("redis_reply.line_bytes") && line_.size() + part.size() > longest) {
        return ReplyError::line_too_long;
    }
    line_.append(part);
    bytes.remove_prefix(part.size());
    if (end == bytes.npos) return {};

    const auto line = std::exchange(line_, {});
    const auto value = std::string_view(line).substr(0, line.size() - 1);
    // A lone LF, or a CR inside, is read as an end by some and not by others.
    const bool strict = value.find('\r') + 1 == value.size();
    if (enforced("redis_reply.line_end") && !strict) return ReplyError::bad_line_end;
    if (value.size() < 2) return ReplyError::unknown_type;
    if (const auto spent = spend(line.size()); !spent) return spent;
    return read_line(value.front(), value.substr(1, value.size() - 2));
}

ReplyReader::Step ReplyReader::read_line(char type, std::string_view rest)
{
    switch (type) {
    case '$':
    case '=':
    case '!':
        return begin_text(type, rest);
    case '*':
    case '~':
    case '%':
    case '>':
        return begin_list(type, rest);
    default:
        return read_scalar(type, rest);
    }
}

ReplyReader::Step ReplyReader::read_scalar(char type, std::string_view rest)
{
    Reply reply;
    bool good = true;
    switch (type) {
    case '+':
        reply = {.kind = Kind::text, .text = std::string(rest)};
        break;
    case '-':
        reply = {.kind = Kind::error, .text = std::string(rest)};
        break;
    case ':': {
        const auto value = parsed<std::int64_t>(rest);
        good = value && is_plain_integer(rest, true);
        reply = {.kind = Kind::integer, .integer = value.value_or(0)};
        break;
    }
    case '#':
        good = rest == "t" || rest == "f";
        reply = {.kind = Kind::boolean, .integer = rest == "t" ? 1 : 0};
        break;
    case ',':
        good = is_double(rest);
        reply = {.kind = Kind::number, .text = std::string(rest)};
        break;
    case '(':
        good = is_plain_integer(rest, true);
        reply = {.kind = Kind::number, .text = std::string(rest)};
        break;
    case '_':
        good = rest.empty();
        break;
    default:
        return ReplyError::unknown_type;
    }
    if (enforced("redis_reply.value") && !good) return ReplyError::bad_value;
    finish(std::move(reply));
    return {};
}

ReplyReader::Step ReplyReader::begin_text(char type, std::string_view rest)
{
    const auto length = length_of(rest);
    if (!length) return ReplyError::bad_value;
    if (enforced("redis_reply.text_bytes") && *length > limits_.text_bytes) {
        return ReplyError::text_too_long;
    }
    if (const auto spent = spend(*length); !spent) return spent;
    text_ = Text{.type = type, .length = *length};
    return {};
}

ReplyReader::Step ReplyReader::take_text(std::string_view& bytes)
{
    const auto whole = text_->length + 2; // CR LF
    const auto part = bytes.substr(0, whole - text_->bytes.size());
    text_->bytes.append(part);
    bytes.remove_prefix(part.size());
    return text_->bytes.size() < whole ? Step() : end_text();
}

ReplyReader::Step ReplyReader::end_text()
{
    auto [type, length, bytes] = std::move(*text_);
    text_.reset();
    if (enforced("redis_reply.text_end") && !bytes.ends_with("\r\n")) {
        return ReplyError::bad_line_end;
    }
    bytes.resize(length);
    if (type == '=') { // `txt:` or `mkd:` comes first
        if (bytes.size() < 4 || bytes[3] != ':') return ReplyError::bad_value;
        bytes.erase(0, 4);
    }
    finish({.kind = type == '!' ? Kind::error : Kind::text, .text = std::move(bytes)});
    return {};
}

ReplyReader::Step ReplyReader::begin_list(char type, std::string_view rest)
{
    const auto kind = *kind_of_list(type);
    const auto announced = length_of(rest);
    if (!announced) return ReplyError::bad_value;
    if (enforced("redis_reply.push_on_top") && kind == Kind::push && !open_.empty()) {
        return ReplyError::misplaced_push;
    }
    if (enforced("redis_reply.depth") && open_.size() >= limits_.depth) return ReplyError::too_deep;
    const auto left = limits_.items - std::min(items_, limits_.items);
    const std::size_t each = kind == Kind::map ? 2 : 1;
    if (enforced("redis_reply.items") && *announced > left / each) {
        return ReplyError::too_many_items;
    }
    items_ += *announced * each;
    Reply list{.kind = kind};
    if (*announced == 0) {
        finish(std::move(list));
    } else {
        open_.push_back({.reply = std::move(list), .missing = *announced * each});
    }
    return {};
}

ReplyReader::Step ReplyReader::spend(std::size_t bytes)
{
    bytes_ += bytes; // both are at most a limit: no overflow
    if (enforced("redis_reply.bytes") && bytes_ > limits_.bytes) return ReplyError::reply_too_long;
    return {};
}

/// Puts a value where it belongs: into the innermost list, which may be complete with it.
void ReplyReader::finish(Reply reply)
{
    while (!open_.empty()) {
        auto& innermost = open_.back();
        innermost.reply.items.push_back(std::move(reply));
        if (--innermost.missing > 0) return;
        reply = std::move(innermost.reply);
        open_.pop_back();
    }
    done_ = std::move(reply);
}

} // namespace gatehouse::auth::redis
