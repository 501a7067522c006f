#pragma once

#include "auth/redis/failure.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::auth::redis {

using Deadline = std::chrono::steady_clock::time_point;

/// A TCP connection that waits for nothing past a deadline. For one thread at a time.
class Socket {
public:
    /// Tries every address of the name, each for its share of the time. The name is looked up
    /// before, which takes as long as the system's resolver lets it.
    [[nodiscard]] static Result<Socket, Failure> connect(const std::string& host,
                                                         std::uint16_t port, Deadline deadline);
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket();

    /// All of it.
    [[nodiscard]] Result<void, Failure> write(std::string_view bytes, Deadline deadline);
    /// What there is, and at least one byte. How many.
    [[nodiscard]] Result<std::size_t, Failure> read(std::span<char> room, Deadline deadline);
    /// Whether a read would not have to wait; the news that it was closed counts.
    [[nodiscard]] bool has_input() const noexcept;

private:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}

    [[nodiscard]] bool wait_for(short event, Deadline deadline) const noexcept;
    [[nodiscard]] Result<void, Failure> finish_connecting(Deadline deadline) const;

    int descriptor_;
};

} // namespace gatehouse::auth::redis
