#include "gateway/command/echo_conversation.hpp"

#include "auth/json/writer.hpp"
#include "config/settings/limits.hpp"
#include "gateway/http/chunked_decoder.hpp"
#include "gateway/http/request_parser.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

namespace gatehouse::gateway {
namespace {

class Conversation {
public:
    explicit Conversation(int socket) : socket_(socket) {}

    void run()
    {
        while (answer_one()) {
        }
    }

private:
    /// false: it is over.
    bool answer_one()
    {
        const auto head_bytes = read_head();
        if (!head_bytes) return false;
        // The views in head_ end with the next read, so the answer waits in strings.
        const bool keep_alive = head_.keep_alive;
        const bool is_head = head_.method == "HEAD";
        const auto framing = head_.framing;
        const std::string head{received_.substr(0, *head_bytes)};
        if (head_.expects_continue && !send("HTTP/1.1 100 Continue\r\n\r\n")) return false;
        received_.erase(0, *head_bytes);
        const auto body_bytes = skip_body(framing);
        if (!body_bytes) return false;

        RequestHead again;
        if (!parser_.parse(head, again, limits_)) return false;
        const auto body = echo_body(again, *body_bytes);
        const auto answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                        "Content-Length: {}\r\n{}\r\n{}",
                                        body.size(), keep_alive ? "" : "Connection: close\r\n",
                                        is_head ? "" : body);
        return send(answer) && keep_alive;
    }

    std::optional<std::size_t> read_head()
    {
        for (;;) {
            const auto parsed = parser_.parse(received_, head_, limits_);
            if (!parsed) return {};
            if (*parsed) return *parsed;
            if (!receive()) return {};
        }
    }

    std::optional<std::uint64_t> skip_body(const Framing& framing)
    {
        switch (framing.kind) {
        case BodyKind::none:
        case BodyKind::until_close: // only responses have such bodies
            return 0;
        case BodyKind::length:
            return skip_length(framing.length);
        case BodyKind::chunked:
            break;
        }
        return skip_chunks();
    }

    std::optional<std::uint64_t> skip_length(std::uint64_t length)
    {
        for (auto left = length; left > 0;) {
            if (received_.empty() && !receive()) return {};
            const auto taken = std::min<std::uint64_t>(left, received_.size());
            received_.erase(0, taken);
            left -= taken;
        }
        return length;
    }

    std::optional<std::uint64_t> skip_chunks()
    {
        std::uint64_t length = 0;
        decoder_.reset();
        while (!decoder_.done()) {
            if (received_.empty() && !receive()) return {};
            const auto step = decoder_.step(received_);
            if (!step) return {};
            length += step->data.size();
            received_.erase(0, step->consumed);
        }
        return length;
    }

    bool receive()
    {
        const auto got = ::recv(socket_, block_.data(), block_.size(), 0);
        if (got <= 0) return false;
        received_.append(block_.data(), static_cast<std::size_t>(got));
        return true;
    }

    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    int socket_;
    config::LimitSettings limits_;
    RequestParser parser_;
    RequestHead head_;
    ChunkedDecoder decoder_;
    std::string received_;
    std::array<char, 16 * 1024> block_{};
};

} // namespace

void converse(int socket)
{
    Conversation{socket}.run();
}

std::string echo_body(const RequestHead& head, std::uint64_t body_bytes)
{
    std::string out;
    auth::json::Writer json{out};
    json.begin_object();
    json.member("method", head.method);
    json.member("path", head.origin_target);
    json.name("headers");
    json.begin_object();
    std::string value;
    for (auto field = head.fields.begin(); field != head.fields.end(); ++field) {
        const auto same = [&](const Field& other) { return other.name == field->name; };
        if (std::find_if(head.fields.begin(), field, same) != field) continue; // was joined
        value.clear();
        for (const auto& other : head.fields) {
            if (same(other)) value += (value.empty() ? "" : ", ") + std::string{other.value};
        }
        json.member(field->name, value);
    }
    json.end_object();
    json.member("bodyBytes", static_cast<std::int64_t>(body_bytes));
    json.end_object();
    out += '\n';
    return out;
}

} // namespace gatehouse::gateway
