#include "tests/bench/generator/load.hpp"

#include "tests/bench/sockets.hpp"
#include "tests/bench/websocket_message.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace gatehouse::bench {

Load::Load(const LoadOptions& options, Script& script)
    : options_(options),
      script_(script),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(options.connections + options.idle),
      buffer_(512 * 1024),
      message_(websocket_message(options.message_bytes, true))
{
    if (!options_.tls.empty()) tls_.emplace(options_.tls == "resumed");
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i].answer = MessageReader{script.wants_bodies()};
        open(i);
        if (options_.rate > 0 && i < options_.connections)
            resting_.push_back(i);
        else
            ask(i, Clock::now()); // an idle one too, so that it is known to work
    }
}

void Load::run(std::chrono::milliseconds time)
{
    latencies_ = {};
    errors_ = 0;
    epoll_event events[256];
    next_due_ = Clock::now();
    const auto end = next_due_ + time;
    for (auto now = next_due_; now < end; now = Clock::now()) {
        if (options_.rate > 0) send_due(now);
        const auto pause =
            std::chrono::duration_cast<std::chrono::nanoseconds>(until_next(now, end));
        const timespec timeout{0, static_cast<long>(pause.count())};
        const int ready = ::epoll_pwait2(epoll_, events, std::size(events), &timeout, nullptr);
        for (int i = 0; i < ready; ++i) {
            const auto index = events[i].data.u64;
            if ((events[i].events & EPOLLOUT) != 0) flush(index);
            if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(index);
        }
    }
}

Load::Clock::duration Load::until_next(Clock::time_point now, Clock::time_point end) const
{
    const Clock::duration longest = std::chrono::milliseconds{10};
    const auto next = options_.rate > 0 ? std::min(next_due_, end) : end;
    return std::clamp(next - now, Clock::duration{0}, longest);
}

void Load::open(std::size_t index)
{
    connections_[index].fd = connect_to(options_.port);
    if (tls_) connections_[index].tls = tls_->open(connections_[index].fd);
    watch(epoll_, connections_[index].fd, index);
}

long Load::send_some(Connection& connection) const
{
    if (connection.tls) return send_over(*connection.tls, connection.unsent);
    return ::send(connection.fd, connection.unsent.data(), connection.unsent.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
}

long Load::receive_some(Connection& connection)
{
    if (connection.tls) return receive_over(*connection.tls, buffer_);
    return ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
}

void Load::send_due(Clock::time_point now)
{
    const auto apart = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>{1 / options_.rate});
    for (; next_due_ <= now; next_due_ += apart) {
        if (resting_.empty()) {
            waiting_.push_back(next_due_);
            continue;
        }
        const std::size_t index = resting_.back();
        resting_.pop_back();
        ask(index, next_due_);
    }
}

void Load::ask(std::size_t index, Clock::time_point due)
{
    Connection& connection = connections_[index];
    connection.asked = true;
    connection.due = due;
    if (connection.switched) {
        connection.unsent = message_;
        connection.awaited = message_.size() - 4; // it comes back without a mask
    } else {
        connection.unsent = script_.next(index);
        connection.answer.restart();
    }
    flush(index);
}

void Load::flush(std::size_t index)
{
    Connection& connection = connections_[index];
    while (!connection.unsent.empty()) {
        const auto sent = send_some(connection);
        if (sent <= 0) {
            // A broken connection is seen by read(), and so is what a handshake waits for.
            if (!connection.tls) wait_for_room(index, true);
            return;
        }
        connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
    wait_for_room(index, false);
}

void Load::wait_for_room(std::size_t index, bool wanted)
{
    Connection& connection = connections_[index];
    if (connection.waits_for_room == wanted) return;
    connection.waits_for_room = wanted;
    constexpr std::uint32_t always = EPOLLIN | EPOLLRDHUP;
    watch(epoll_, connection.fd, index, wanted ? always | EPOLLOUT : always, EPOLL_CTL_MOD);
}

void Load::read(std::size_t index)
{
    Connection& connection = connections_[index];
    // All of it: what a session has decrypted, no event tells of again.
    do {
        const auto count = receive_some(connection);
        if (count < 0 && errno == EAGAIN) break;
        if (count <= 0) {
            lose(index);
            return;
        }
        take(index, {buffer_.data(), static_cast<std::size_t>(count)});
    } while (connection.tls);
    if (connection.tls && !connection.unsent.empty()) flush(index);
}

void Load::take(std::size_t index, std::string_view bytes)
{
    Connection& connection = connections_[index];
    if (connection.switched) {
        connection.awaited -= std::min(connection.awaited, bytes.size());
        if (connection.asked && connection.awaited == 0) finish(index);
        return;
    }
    connection.answer.take(bytes);
    if (!connection.asked || !connection.answer.whole()) return;
    if (options_.message_bytes > 0) return begin_messages(index);
    finish(index);
}

/// A handshake counts for nothing.
void Load::begin_messages(std::size_t index)
{
    Connection& connection = connections_[index];
    connection.switched = connection.answer.head().starts_with(options_.expected);
    if (!connection.switched) ++errors_;
    ask(index, Clock::now());
}

void Load::finish(std::size_t index)
{
    Connection& connection = connections_[index];
    connection.asked = false;
    if (connection.answer.head().starts_with(options_.expected)) {
        if (index < options_.connections) latencies_.add(Clock::now() - connection.due);
        script_.answered(index, connection.answer);
    } else {
        ++errors_;
    }
    // With a connection for each request, the other side closes this one and read() sees it.
    if (index < options_.connections && !options_.reconnect) take_next(index);
}

void Load::lose(std::size_t index)
{
    Connection& connection = connections_[index];
    if (connection.asked || !options_.reconnect) ++errors_;
    connection.tls.reset();
    ::close(connection.fd);
    connection.unsent = {};
    connection.waits_for_room = false;
    connection.switched = false;
    open(index);
    take_next(index);
}

void Load::take_next(std::size_t index)
{
    if (options_.rate <= 0) {
        ask(index, Clock::now());
    } else if (!waiting_.empty()) {
        const auto due = waiting_.front();
        waiting_.pop_front();
        ask(index, due);
    } else {
        resting_.push_back(index);
    }
}

} // namespace gatehouse::bench
