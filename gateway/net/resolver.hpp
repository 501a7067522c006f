#pragma once

#include "gateway/net/address.hpp"
#include "gateway/net/task.hpp"
#include "gateway/net/wakeable.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace gatehouse::gateway {

/// Asks the system, in its order. Blocks, and cannot be interrupted: ten seconds and more where the
/// servers of a name are silent.
[[nodiscard]] std::vector<SocketAddress> ask_for_addresses(const HostPort& where);

/// Turns host names into addresses without holding up the worker, nor one name another: a question
/// holds a thread while it lasts, of which there are as many as are needed and `most_threads` at
/// the most, and questions for one name that overlap are asked once.
class Resolver {
public:
    using Ask = std::function<std::vector<SocketAddress>(const HostPort&)>;

    static constexpr std::size_t most_threads = 8;

    /// `io` is not run any more once this is gone.
    explicit Resolver(asio::io_context& io, Ask ask = ask_for_addresses);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    /// Waits for the questions that are under way.
    ~Resolver();

    /// What became of a question. `done` with no addresses: the name is unknown.
    struct Answer {
        bool done = false;
        std::vector<SocketAddress> addresses;
        Wakeable* whom = nullptr; // whoever gives up waiting sets this to null
    };

    /// Shared, because the one who asked may have given up long before there is an answer. On the
    /// thread that runs `io`.
    [[nodiscard]] std::shared_ptr<Answer> ask(const HostPort& where, Wakeable& whom);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace gatehouse::gateway
