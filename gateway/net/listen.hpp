#pragma once

#include "config/basics/result.hpp"
#include "gateway/net/file_descriptor.hpp"
#include "gateway/net/given_sockets.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// One address, listened on once for each worker: the kernel spreads connections over them.
struct SharedListener {
    /// One per worker, non-blocking, listening. Of those that were given there may be more.
    std::vector<FileDescriptor> sockets;
    std::uint16_t port = 0; // as the kernel gave it where port 0 was asked for
    bool given = false;     // opened by somebody else, who may keep it
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

struct WantedListener {
    std::string address;
    std::size_t workers = 1;
};

/// Opens all of them, in their order, but takes what was given where it listens at the address:
/// then nothing is bound, and nothing proved. Where fewer were given than there are workers, some
/// share one; each socket that was given is listened on, for each has a queue of its own.
/// Error: a sentence for the operator; also where something was given that nobody wants.
[[nodiscard]] Result<std::vector<SharedListener>, std::string>
open_listeners(std::span<const WantedListener> wanted, GivenSockets given);

} // namespace gatehouse::gateway
