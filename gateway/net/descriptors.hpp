#pragma once

#include <cstdint>

namespace gatehouse::gateway {

/// Asks for as many descriptors as this process may have: shells and service managers grant few at
/// first and many to whoever wants them. From then on the last few are kept. Before the sandbox.
void raise_descriptor_limit() noexcept;

/// How many there may be (RLIMIT_NOFILE).
[[nodiscard]] std::uint64_t descriptor_limit() noexcept;

/// Whether a new descriptor is one of those that are kept for probes, stores and files: clients and
/// upstreams that come to them are turned away. Told by its number, for the kernel gives out the
/// lowest that is free.
[[nodiscard]] bool is_kept_descriptor(int descriptor) noexcept;

} // namespace gatehouse::gateway
