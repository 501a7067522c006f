#pragma once

#include "tests/gateway/support/raw_socket.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::gateway::test {

/// An upstream made of sockets: every connection runs the test's script on a thread of its own.
class RawBackend {
public:
    /// `number` counts connections from 0.
    using Script = std::function<void(RawSocket& socket, std::size_t number)>;

    explicit RawBackend(Script script);
    /// Ends all connections and waits for their scripts.
    ~RawBackend();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    [[nodiscard]] std::string url() const;

    /// Who connects from now on finds nobody; connections stay.
    void listen_no_more() noexcept;

    [[nodiscard]] std::size_t connections() const noexcept { return connections_; }

private:
    void accept_all();

    Script script_;
    FileDescriptor listener_;
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> connections_{0};
    std::mutex mutex_;
    std::list<RawSocket> sockets_;
    std::vector<std::thread> scripts_;
    std::thread acceptor_;
};

/// Answers request after request of a connection with `answer`.
[[nodiscard]] RawBackend::Script answering(std::string answer);

/// Answers its one request with `head` and then with more than all buffers hold; says at the end
/// whether it was stopped.
[[nodiscard]] RawBackend::Script filling(std::string head, std::promise<bool>& stopped);

/// A whole answer with Content-Length.
[[nodiscard]] std::string ok(std::string_view body);

} // namespace gatehouse::gateway::test
