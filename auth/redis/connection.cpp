#include "auth/redis/connection.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;

constexpr std::size_t room_bytes = 16 * 1024;
/// Nobody who listens is this far behind: it is better to begin anew than to miss some.
constexpr std::size_t most_unread_pushes = 4096;

[[nodiscard]] Failure garbled(std::string_view what)
{
    return Failure(Trouble::garbled, "unfit for RESP3: " + std::string(what));
}

/// A refused greeting in our own words. The server's may repeat the password: "unknown command
/// 'HELLO', with args beginning with: '3' 'AUTH' 'default' ..."
[[nodiscard]] Failure shut_out(const Reply& error)
{
    const auto trouble = trouble_of(error.text);
    if (error.text.starts_with("ERR max number of clients")) {
        Failure full(trouble, "the server has no room for one more client (maxclients)");
        full.passes = true;
        return full;
    }
    const auto* const hint = trouble == Trouble::refused
                                 ? "the greeting is refused: Redis 6 or newer is needed, without "
                                   "protected mode"
                                 : "the server lets us not in";
    return Failure(trouble, hint);
}

[[nodiscard]] const Reply* member(const Reply& map, std::string_view name)
{
    for (std::size_t i = 0; map.is(Kind::map) && i + 1 < map.items.size(); i += 2) {
        if (map.items[i].is(Kind::text) && map.items[i].text == name) return &map.items[i + 1];
    }
    return nullptr;
}

[[nodiscard]] Result<void, Failure> judge_greeting(const Reply& greeting)
{
    if (greeting.is(Kind::error)) return shut_out(greeting);
    const auto* const protocol = member(greeting, "proto");
    if (protocol == nullptr || protocol->integer != 3) return garbled("its greeting");
    const auto* const role = member(greeting, "role");
    if (role == nullptr || role->text != "master") {
        return Failure(Trouble::read_only, "the server is a replica");
    }
    return {};
}

} // namespace

Failure failure_of(const Reply& error)
{
    return Failure(trouble_of(error.text), error.text);
}

Connection::Connection(Socket socket, const ReplyLimits& limits)
    : socket_(std::move(socket)),
      reader_(limits),
      room_(room_bytes)
{
}

Result<std::unique_ptr<Connection>, Failure> Connection::open(const Place& place, Deadline deadline,
                                                              const ReplyLimits& limits)
{
    const auto& [tls, host, port, user, database] = place.address;
    auto socket = Socket::connect(host, port, deadline);
    if (!socket) return socket.error();
    std::unique_ptr<Connection> connection(new Connection(std::move(*socket), limits));
    if (tls) {
        auto opened = Tls::open(connection->socket_, place.tls, host, deadline);
        if (!opened) return opened.error();
        connection->tls_.emplace(std::move(*opened));
    }
    if (const auto let_in = connection->greet(place, deadline); !let_in) return let_in.error();
    return connection;
}

Result<void, Failure> Connection::greet(const Place& place, Deadline deadline)
{
    const auto& [tls, host, port, user, database] = place.address;
    Commands commands;
    if (user.empty() && place.password.empty()) {
        commands.add("HELLO", 3, "SETNAME", "gatehouse");
    } else {
        const std::string_view name = user.empty() ? "default" : std::string_view(user);
        commands.add("HELLO", 3, "AUTH", name, place.password.reveal(), "SETNAME", "gatehouse");
    }
    if (database != 0) commands.add("SELECT", database);
    commands.add("PING"); // a server that is still loading knows the others
    if (auto sent = write(commands.bytes(), deadline); !sent) return sent;
    // One by one: a server that is full says so, unasked, and closes.
    const auto greeting = read_reply(deadline);
    if (!greeting) return greeting.error();
    if (auto good = judge_greeting(*greeting); !good) return good;
    for (std::size_t left = commands.answers() - 1; left > 0; --left) {
        const auto reply = read_reply(deadline);
        if (!reply) return reply.error();
        if (reply->is(Kind::error)) return shut_out(*reply);
    }
    return {};
}

Result<std::vector<Reply>, Failure> Connection::ask(const Commands& commands, Deadline deadline)
{
    if (!good_) return Failure(Trouble::lost, "the connection failed before");
    auto replies = exchange(commands, deadline);
    good_ = replies.has_value();
    return replies;
}

Result<Reply, Failure> Connection::ask_one(const Commands& command, Deadline deadline)
{
    auto replies = ask(command, deadline);
    if (!replies) return replies.error();
    if (replies->front().is(Kind::error)) return failure_of(replies->front());
    return std::move(replies->front());
}

Result<std::vector<Reply>, Failure> Connection::exchange(const Commands& commands,
                                                         Deadline deadline)
{
    if (const auto quiet = take_what_was_said(); !quiet) return quiet.error();
    if (const auto sent = write(commands.bytes(), deadline); !sent) return sent.error();
    std::vector<Reply> replies;
    while (replies.size() < commands.answers()) {
        auto reply = read_reply(deadline);
        if (!reply) return reply.error();
        replies.push_back(std::move(*reply));
    }
    return replies;
}

Result<Reply, Failure> Connection::read_reply(Deadline deadline)
{
    while (true) {
        auto reply = take_reply();
        if (!reply) return reply.error();
        if (*reply) return std::move(**reply);
        if (const auto more = read_more(deadline); !more) return more.error();
    }
}

/// Before a question: a reply that is there already would be taken for the answer, and each answer
/// from then on for another one's.
Result<void, Failure> Connection::take_what_was_said()
{
    while (true) {
        const auto reply = take_reply();
        if (!reply) return reply.error();
        if (enforced("redis_connection.no_reply_unasked") && *reply) {
            return garbled("an answer that nobody asked for");
        }
        if (enforced("redis_connection.no_part_unasked") && reader_.is_amid_reply()) {
            return garbled("the beginning of an answer that nobody asked for");
        }
        if (!unread_.empty()) continue;
        if (!has_input()) return {};
        const auto more = read_more(Deadline::min());
        // Less than a whole record of TLS, or one that says nothing to us.
        if (!more && more.error().trouble == Trouble::timed_out) return {};
        if (!more) return more.error();
    }
}

/// The next reply of what has been received, pushes set apart; nothing, if it is not complete.
Result<std::optional<Reply>, Failure> Connection::take_reply()
{
    while (true) {
        auto reply = reader_.take(unread_);
        if (!reply) return garbled(to_string(reply.error()));
        if (!*reply || !(*reply)->is(Kind::push)) return std::move(*reply);
        if (enforced("redis_connection.pushes") && pushes_.size() >= most_unread_pushes) {
            return garbled("more messages than anybody reads");
        }
        pushes_.push_back(std::move(**reply));
    }
}

Result<std::optional<Reply>, Failure> Connection::next_push(Deadline deadline)
{
    while (good_ && pushes_.empty()) {
        const auto reply = take_reply();
        if (!reply || *reply) {
            good_ = false;
            return reply ? garbled("an answer that nobody asked for") : reply.error();
        }
        if (!pushes_.empty()) break;
        if (const auto more = read_more(deadline); !more) {
            if (more.error().trouble == Trouble::timed_out) return std::optional<Reply>();
            good_ = false;
            return more.error();
        }
    }
    if (pushes_.empty()) return Failure(Trouble::lost, "the connection failed before");
    auto push = std::move(pushes_.front());
    pushes_.pop_front();
    return std::optional(std::move(push));
}

bool Connection::has_input() const noexcept
{
    return !unread_.empty() || (tls_ && tls_->has_input()) || socket_.has_input();
}

Result<void, Failure> Connection::write(std::string_view bytes, Deadline deadline)
{
    return tls_ ? tls_->write(socket_, bytes, deadline) : socket_.write(bytes, deadline);
}

/// Only when all that was received before has been read.
Result<void, Failure> Connection::read_more(Deadline deadline)
{
    const auto count = tls_ ? tls_->read(socket_, room_, deadline) : socket_.read(room_, deadline);
    if (!count) return count.error();
    unread_ = {room_.data(), *count};
    return {};
}

} // namespace gatehouse::auth::redis
