#pragma once

#include "gateway/net/socket.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/wakeable.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/runtime/worker.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::gateway {

class WorkerLoop;

/// One listening socket of this worker.
class Listener final : private Wakeable {
public:
    Listener(WorkerLoop& loop, WorkerListener listening);

    void start() { wake(); }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }

    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

    [[nodiscard]] ListenerCopy copy() const;

    /// Settings that are new: what they want of those who connect.
    void follow(const Runtime& runtime) noexcept;

    /// Others have the socket too.
    void share() noexcept { shared_ = true; }

    /// Takes what already waits, unless others can, then closes.
    void stop();

private:
    void wake() noexcept override;
    [[nodiscard]] bool accept_one();

    WorkerLoop& loop_;
    Socket socket_;
    std::shared_ptr<LocalEndpoint> only_;
    std::string address_;
    bool shared_;
    bool proxy_header_ = false;
    SslContextPtr tls_;                     // null: plain
    std::optional<std::uint16_t> to_https_; // the port
    Deadline pause_;                        // when the process has run out of descriptors
};

} // namespace gatehouse::gateway
