#pragma once

#include "auth/redis/commands.hpp"
#include "auth/redis/reply_reader.hpp"
#include "auth/redis/tls.hpp"
#include "config/basics/secret.hpp"
#include "config/forms/redis_address.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace gatehouse::auth::redis {

/// All it takes to be let in.
struct Place {
    config::RedisAddress address;
    Secret password{};
    TlsFiles tls{};
};

/// What an error among the replies means.
[[nodiscard]] Failure failure_of(const Reply& error);

/// One connection in RESP3, logged in, in its database, to a server that takes writes. For one
/// thread at a time. After a failure that is not the server's word it is of no use any more: whose
/// the next reply is would be a guess.
class Connection {
public:
    /// Errors: what keeps us out, a replica (read_only) and a server that still reads its file
    /// (loading) included.
    [[nodiscard]] static Result<std::unique_ptr<Connection>, Failure>
    open(const Place& place, Deadline deadline, const ReplyLimits& limits = {});
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Sends the commands together; as many replies, in order. Each may be an error of the server
    /// and says nothing about the others.
    [[nodiscard]] Result<std::vector<Reply>, Failure> ask(const Commands& commands,
                                                          Deadline deadline);
    /// The reply to one command; an error of the server is a failure here.
    [[nodiscard]] Result<Reply, Failure> ask_one(const Commands& command, Deadline deadline);

    /// The next thing said without being asked; nothing, if nothing was said in time.
    [[nodiscard]] Result<std::optional<Reply>, Failure> next_push(Deadline deadline);

    [[nodiscard]] bool is_good() const noexcept { return good_; }

    [[nodiscard]] bool is_at_rest() const noexcept { return good_ && !has_input(); }

    /// Whether there is something to read: on an idle connection nearly always the news of its end.
    [[nodiscard]] bool has_input() const noexcept;

private:
    Connection(Socket socket, const ReplyLimits& limits);

    [[nodiscard]] Result<void, Failure> greet(const Place& place, Deadline deadline);
    [[nodiscard]] Result<void, Failure> write(std::string_view bytes, Deadline deadline);
    [[nodiscard]] Result<void, Failure> read_more(Deadline deadline);
    [[nodiscard]] Result<std::optional<Reply>, Failure> take_reply();
    [[nodiscard]] Result<Reply, Failure> read_reply(Deadline deadline);
    [[nodiscard]] Result<std::vector<Reply>, Failure> exchange(const Commands& commands,
                                                               Deadline deadline);
    [[nodiscard]] Result<void, Failure> take_what_was_said();

    Socket socket_;
    std::optional<Tls> tls_;
    ReplyReader reader_;
    std::vector<char> room_;
    std::string_view unread_; // the part of room_ that was received and not yet read
    std::deque<Reply> pushes_;
    bool good_ = true;
};

} // namespace gatehouse::auth::redis
