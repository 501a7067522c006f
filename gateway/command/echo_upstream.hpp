#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace gatehouse::gateway {

/// A tiny HTTP/1.1 service over real TCP on 127.0.0.1, for `demo`: answers every request with JSON
/// that tells method, path, headers and length of the body it got. It knows nothing of tokens. One
/// thread per connection; all end with the object.
class EchoUpstream {
public:
    /// Listens already, so that the port is known, but answers nobody before start(). The error is
    /// a sentence for the operator.
    [[nodiscard]] static Result<std::unique_ptr<EchoUpstream>, std::string> listen();

    EchoUpstream(const EchoUpstream&) = delete;
    EchoUpstream& operator=(const EchoUpstream&) = delete;
    /// Cuts off what still runs.
    ~EchoUpstream();

    /// Its threads take over the caller's signal mask.
    void start();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    struct Connection {
        FileDescriptor socket;
        std::thread thread;
    };

    EchoUpstream(FileDescriptor listener, FileDescriptor stop, std::uint16_t port);
    void accept_all();

    FileDescriptor listener_;
    FileDescriptor stop_; // an eventfd: readable when all is over
    std::uint16_t port_ = 0;
    std::list<Connection> connections_; // the acceptor's own until it has ended
    std::thread acceptor_;
};

} // namespace gatehouse::gateway
