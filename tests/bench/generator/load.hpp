#pragma once

#include "tests/bench/generator/latencies.hpp"
#include "tests/bench/generator/script.hpp"
#include "tests/bench/generator/tls.hpp"
#include "tests/bench/message_reader.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bench {

struct LoadOptions {
    std::uint16_t port = 0;
    std::size_t connections = 1;
    std::size_t idle = 0;   // more connections that ask once and then keep quiet
    double rate = 0;        // requests a second, sent when they are due; 0: a closed loop
    bool reconnect = false; // a connection for each request
    std::string tls;        // full or resumed handshakes; empty: none
    std::string expected;   // how a good answer starts
    /// Not 0: the first answer makes a WebSocket of the connection; from then on messages of so
    /// many bytes are sent and come back.
    std::size_t message_bytes = 0;
};

/// Drives connections from one thread. In the closed loop each sends its next request as soon as
/// the last answer is whole. With a rate, requests are due at fixed times whether or not answers
/// come, and an answer's time counts from when its request was due: a proxy that stalls cannot hide
/// behind a client that waits for it.
class Load {
public:
    Load(const LoadOptions& options, Script& script);

    /// Goes on for `time`; what was counted before is forgotten.
    void run(std::chrono::milliseconds time);

    [[nodiscard]] const Latencies& latencies() const { return latencies_; }

    [[nodiscard]] std::size_t errors() const { return errors_; }

private:
    using Clock = std::chrono::steady_clock;

    struct Connection {
        int fd = -1;
        Tls::Session tls;        // or null
        bool asked = false;      // an answer is owed
        Clock::time_point due;   // when its request was to be sent
        std::string_view unsent; // of the request
        bool waits_for_room = false;
        MessageReader answer;
        bool switched = false;   // a WebSocket
        std::size_t awaited = 0; // bytes of the message that comes back
    };

    void open(std::size_t index);
    void send_due(Clock::time_point now);
    void ask(std::size_t index, Clock::time_point due);
    void flush(std::size_t index);
    void wait_for_room(std::size_t index, bool wanted);
    void read(std::size_t index);
    void take(std::size_t index, std::string_view bytes);
    void finish(std::size_t index);
    void lose(std::size_t index);
    void begin_messages(std::size_t index);
    void take_next(std::size_t index);
    [[nodiscard]] Clock::duration until_next(Clock::time_point now, Clock::time_point end) const;

    [[nodiscard]] long send_some(Connection& connection) const;
    [[nodiscard]] long receive_some(Connection& connection);

    const LoadOptions& options_;
    std::optional<Tls> tls_;
    Script& script_;
    int epoll_;
    std::vector<Connection> connections_;
    std::vector<char> buffer_;
    std::vector<std::size_t> resting_;      // connections without a request, with a rate
    std::deque<Clock::time_point> waiting_; // due times that found no resting connection
    Clock::time_point next_due_;
    Latencies latencies_;
    std::size_t errors_ = 0;
    std::string message_; // of a WebSocket
};

} // namespace gatehouse::bench
