#pragma once

#include "config/basics/result.hpp"
#include "config/settings/settings.hpp"
#include "gateway/net/given_sockets.hpp"
#include "gateway/net/unix_socket.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/runtime/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What a gateway listens on, dealt out to its workers.
struct Listening {
    std::vector<std::vector<WorkerListener>> per_worker;
    std::vector<std::uint16_t> ports; // in the order of `listen`
    std::uint16_t admin_port = 0;     // 0: the admin address is off
    UnixFile admin_file;              // of the unix socket, where there is one
};

/// What this process need not open.
struct OpenSockets {
    GivenSockets tcp;
    FileDescriptor admin; // the unix socket, whose file is another process's for now
};

/// Opens everything that the settings name, so many times, but takes what is open where it
/// listens there. `admin` answers on the admin address and on the unix socket.
/// Error: a sentence for the operator.
[[nodiscard]] Result<Listening, std::string>
open_listening(const config::Settings& settings, std::size_t workers, OpenSockets open,
               const std::shared_ptr<LocalEndpoint>& admin);

} // namespace gatehouse::gateway
