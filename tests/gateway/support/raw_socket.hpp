#pragma once

#include "gateway/net/file_descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::gateway::test {

/// A blocking TCP connection of a test, on either side of the gateway. No call waits for ever: ten
/// seconds of silence count as the end of the test's patience.
class RawSocket {
public:
    RawSocket() = default;
    explicit RawSocket(FileDescriptor fd);
    /// Connects to 127.0.0.1.
    explicit RawSocket(std::uint16_t port, int receive_buffer_bytes = 0);

    /// False when the peer takes nothing more.
    bool send(std::string_view text);

    /// What has arrived and was not used yet.
    [[nodiscard]] const std::string& received() const noexcept { return received_; }

    enum class End { open, closed, reset, silent };

    /// Waits for more bytes.
    End receive();
    /// Receives until `text` has arrived, and takes everything up to and including it. Empty if it
    /// never comes.
    std::string take_through(std::string_view text);
    /// Takes exactly so many bytes, or fewer if the peer ends first.
    std::string take(std::size_t bytes);
    /// Receives until the peer ends, and takes everything.
    std::string take_all();

    /// How the peer ended, after take_all() or a failed take.
    [[nodiscard]] End end() const noexcept { return end_; }

    /// Nothing arrives for so long.
    bool is_silent_for(std::chrono::milliseconds time);
    /// The peer ends the connection (bytes before that are kept).
    bool is_closed();

    void finish_sending();
    void reset();

    void close() { fd_.reset(); }

    [[nodiscard]] int native() const noexcept { return fd_.get(); }

    [[nodiscard]] bool is_open() const noexcept { return fd_.is_open(); }

private:
    FileDescriptor fd_;
    std::string received_;
    End end_ = End::open;
};

/// A message as it stood on the wire, head and body apart; the body without its framing.
struct Message {
    std::string head; // with the empty line
    std::string body;
    bool complete = false;

    [[nodiscard]] unsigned status() const;
    [[nodiscard]] std::string field(std::string_view name) const; // its first value, or empty
    [[nodiscard]] bool has_field(std::string_view name) const;
};

/// Reads a whole message: by Content-Length, by chunks, or until the peer closes where a response
/// says neither. `without_body`: an answer to HEAD.
[[nodiscard]] Message read_response(RawSocket& socket, bool without_body = false);
[[nodiscard]] Message read_request(RawSocket& socket);

} // namespace gatehouse::gateway::test
