#pragma once

#include "gateway/net/address.hpp"
#include "gateway/net/task.hpp"
#include "gateway/net/wakeable.hpp"

#include <memory>
#include <vector>

namespace gatehouse::gateway {

/// Turns host names into addresses without holding up the worker.
class Resolver {
public:
    explicit Resolver(asio::io_context& io);
    ~Resolver();

    /// What became of a question. `done` with no addresses: the name is unknown.
    struct Answer {
        bool done = false;
        std::vector<SocketAddress> addresses;
        Wakeable* whom = nullptr; // whoever gives up waiting sets this to null
    };

    /// Shared, because the system's resolver cannot be interrupted: the one who asked may have
    /// given up long before it answers.
    [[nodiscard]] std::shared_ptr<Answer> ask(const HostPort& where, Wakeable& whom);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace gatehouse::gateway
