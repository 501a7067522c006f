#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Where a service manager hears of its services: datagrams to a unix socket, each some lines of
/// NAME=value (sd_notify(3)).
class NotifySocket {
public:
    /// Nobody listens: whatever is told is lost.
    NotifySocket() = default;

    /// `address` is a path from the root, or behind @ a name of the abstract kind. Whether anybody
    /// is there shows later.
    /// Error: a sentence for the operator.
    [[nodiscard]] static Result<NotifySocket, std::string> open(std::string_view address);

    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

    /// False when it did not get there. Waits a little where the manager is behind. From any
    /// thread.
    bool tell(std::string_view lines) const noexcept;

private:
    FileDescriptor socket_;
    sockaddr_un address_{};
    socklen_t address_size_ = 0;
};

/// `STATUS=...`, one line whatever `text` holds, and so short that a manager takes it.
[[nodiscard]] std::string status_line(std::string_view text);

} // namespace gatehouse::gateway
