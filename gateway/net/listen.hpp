#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// One address, listened on once for each worker: the kernel spreads connections over them.
struct SharedListener {
    std::vector<FileDescriptor> sockets; // one per worker, non-blocking, listening
    std::uint16_t port = 0;              // as the kernel gave it where port 0 was asked for
};

/// Whether this process listens on the port already, at another host: then nobody else does, and
/// nothing has to be proved.
enum class PortOwner { to_be_proved_free, this_process };

/// Opens `address` ("0.0.0.0:8080", "[::1]:0", "localhost:8080") for `workers` workers.
/// Proves first that nobody else listens there: SO_REUSEPORT alone would let a second gateway of
/// the same user take half of the traffic without a word.
/// Error: a sentence for the operator.
[[nodiscard]] Result<SharedListener, std::string>
open_listener(const std::string& address, std::size_t workers,
              PortOwner owner = PortOwner::to_be_proved_free);

} // namespace gatehouse::gateway
