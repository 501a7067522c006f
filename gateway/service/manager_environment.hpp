#pragma once

#include "config/basics/result.hpp"
#include "config/environment/environment.hpp"
#include "gateway/net/given_sockets.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace gatehouse::gateway {

/// What a service manager says in the environment of a process it starts: sd_listen_fds(3),
/// sd_notify(3), sd_watchdog_enabled(3).
struct ManagerEnvironment {
    int sockets = 0;                       // from descriptor 3 on, listening
    std::string notify_socket;             // where it wants to hear from us; empty: nowhere
    std::chrono::microseconds watchdog{0}; // it expects a sign of life within this; 0: none

    /// Reads it for the process `self`: sockets and watchdog of another one are not ours.
    /// Error: a sentence for the operator.
    [[nodiscard]] static Result<ManagerEnvironment, std::string>
    read(const config::Environment& environment, pid_t self);

    /// Takes it all out of this process's environment, so that nobody below us believes it were
    /// meant. Before there is a second thread.
    static void forget();
};

/// The listening sockets that this process was started with; only the first call gets them.
/// Error: a sentence for the operator.
[[nodiscard]] Result<GivenSockets, std::string> take_sockets(const ManagerEnvironment& environment);

} // namespace gatehouse::gateway
