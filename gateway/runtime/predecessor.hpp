#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/net/file_descriptor.hpp"
#include "gateway/net/given_sockets.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::gateway {

/// The running gateway whose place this process takes. It serves until it is dismissed, and goes on
/// serving when this object goes without that.
class Predecessor {
public:
    /// Asks the one at `admin_api.socket` for its listening sockets. Nothing: nobody answers there.
    /// Error: a sentence for the operator, where these settings do not allow it or it refuses.
    [[nodiscard]] static Result<std::optional<Predecessor>, std::string>
    ask(const config::Settings& settings);

    /// The TCP sockets it listens on; those that the settings do not name may be dropped.
    [[nodiscard]] GivenSockets take_sockets() { return std::move(sockets_); }

    /// The unix socket on which it was asked. Its file stays its own until it is dismissed.
    [[nodiscard]] FileDescriptor take_admin_socket() { return std::move(admin_socket_); }

    /// This process serves: it may go. False: it has gone already.
    bool dismiss() noexcept;

    [[nodiscard]] std::int64_t pid() const noexcept { return pid_; }

private:
    Predecessor() = default;

    FileDescriptor line_;
    FileDescriptor admin_socket_;
    GivenSockets sockets_;
    std::int64_t pid_ = 0;
};

} // namespace gatehouse::gateway
