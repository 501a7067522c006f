#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/address.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// Listening sockets that this process did not open: a service manager's, or those of a gateway
/// that goes. Whoever gave them may keep copies, so what waits in their queues outlives us.
class GivenSockets {
public:
    GivenSockets() = default;

    /// What it is that nobody wants: an operator's mistake, or what a gateway before us listened on
    /// and we do not.
    enum class Unwanted { mistake, dropped };

    /// Takes them over, closed on exec and non-blocking. One that comes twice counts once.
    /// Error: a sentence for the operator, where one is not a listening TCP socket.
    [[nodiscard]] static Result<GivenSockets, std::string>
    from(std::vector<FileDescriptor> sockets, Unwanted unwanted = Unwanted::mistake);

    [[nodiscard]] bool empty() const noexcept { return sockets_.empty(); }

    /// All that listen exactly there; they are no longer in here. Port 0 is any port of that host:
    /// the first address that is left, so named ports are asked for before.
    [[nodiscard]] std::vector<FileDescriptor> take(const SocketAddress& wanted);

    [[nodiscard]] bool may_be_dropped() const noexcept { return unwanted_ == Unwanted::dropped; }

    /// Whether one listens on this port, at whatever host.
    [[nodiscard]] bool has_port(std::uint16_t port) const noexcept;

    /// Where the first of those listens that nobody has taken.
    [[nodiscard]] std::string first_left() const;

private:
    struct Given {
        FileDescriptor socket;
        SocketAddress address;
    };

    std::vector<Given> sockets_;
    Unwanted unwanted_ = Unwanted::mistake;
};

} // namespace gatehouse::gateway
