#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

/// Just enough HTTP/1.1 to find where a message ends. Both ends of a benchmark are our own and the
/// proxies between them are trusted, so nothing is checked and fields are never folded.
namespace gatehouse::bench {

inline bool same_letters(std::string_view left, std::string_view right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}

/// Value of a field without the white space before it; empty when there is none.
inline std::string_view field_value(std::string_view head, std::string_view name)
{
    for (std::size_t line = head.find("\r\n"); line + 2 < head.size();
         line = head.find("\r\n", line + 2)) {
        std::string_view field = head.substr(line + 2);
        if (field.size() <= name.size() || field[name.size()] != ':' ||
            !same_letters(field.substr(0, name.size()), name))
            continue;
        field.remove_prefix(name.size() + 1);
        field = field.substr(0, field.find("\r\n"));
        return field.substr(std::min(field.find_first_not_of(' '), field.size()));
    }
    return {};
}

inline std::size_t number(std::string_view digits, int base)
{
    std::size_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return value;
}

/// Reads one message from a stream, however it is cut, framed by Content-Length or in chunks.
class MessageReader {
public:
    /// A body that nobody looks at is counted and not kept.
    explicit MessageReader(bool keeps_body = false) : keeps_body_(keeps_body) {}

    /// How many of these bytes belong to this message; whole() tells whether it ends with them.
    std::size_t take(std::string_view data)
    {
        const std::size_t offered = data.size();
        while (!data.empty() && state_ != State::whole) data.remove_prefix(step(data));
        return offered - data.size();
    }

    [[nodiscard]] bool head_is_whole() const { return state_ != State::head; }

    [[nodiscard]] bool whole() const { return state_ == State::whole; }

    [[nodiscard]] std::string_view head() const { return head_; }

    [[nodiscard]] std::string_view body() const { return body_; }

    /// The next byte begins another message.
    void restart()
    {
        state_ = State::head;
        head_.clear();
        body_.clear();
    }

private:
    enum class State { head, body, chunk_size, chunk, trailer, whole };

    std::size_t step(std::string_view data)
    {
        switch (state_) {
        case State::head:
            return read_head(data);
        case State::body:
            return read_body(data, State::whole);
        case State::chunk:
            return read_body(data, State::chunk_size);
        case State::chunk_size:
            return read_line(data);
        case State::trailer:
            return read_line(data);
        case State::whole:
            return 0;
        }
        return 0;
    }

    std::size_t read_head(std::string_view data)
    {
        const std::size_t before = head_.size();
        head_.append(data);
        const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
        if (end == std::string::npos) return data.size();
        head_.resize(end + 4);
        if (same_letters(field_value(head_, "Transfer-Encoding"), "chunked"))
            state_ = State::chunk_size;
        else
            expect(number(field_value(head_, "Content-Length"), 10));
        return head_.size() - before;
    }

    void expect(std::size_t body_bytes)
    {
        left_ = body_bytes;
        state_ = left_ == 0 ? State::whole : State::body;
    }

    std::size_t read_body(std::string_view data, State after)
    {
        const std::size_t count = std::min(left_, data.size());
        if (keeps_body_) body_.append(data.substr(0, count));
        left_ -= count;
        if (left_ == 0) state_ = after;
        return count;
    }

    std::size_t read_line(std::string_view data)
    {
        const std::size_t end = data.find('\n');
        line_.append(data.substr(0, end));
        if (end == std::string_view::npos) return data.size();
        finish_line();
        line_.clear();
        return end + 1;
    }

    void finish_line()
    {
        if (state_ == State::trailer) {
            if (line_ == "\r") state_ = State::whole;
            return;
        }
        left_ = number(line_, 16);
        state_ = left_ == 0 ? State::trailer : State::chunk;
        left_ += 2; // the line end after the chunk
    }

    bool keeps_body_;
    State state_ = State::head;
    std::string head_;
    std::string body_;
    std::string line_;
    std::size_t left_ = 0;
};

} // namespace gatehouse::bench
