#pragma once

#include "config/diagnostics/diagnostic.hpp"
#include "config/settings/settings.hpp"
#include "gateway/api/auth_api.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/rooms.hpp"
#include "gateway/runtime/worker.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// The generation of settings in force, and the way to the next: made whole, then handed to each
/// worker. A request runs to its end with the one it began with.
class LiveSettings {
public:
    using Workers = std::vector<std::unique_ptr<Worker>>;

    /// `rooms` outlive it. Before anything else: begin().
    explicit LiveSettings(AuthRooms& rooms);

    /// The first generation. Error: a sentence for the operator.
    [[nodiscard]] Result<void, std::string> begin(const config::Settings& settings);

    /// The newest generation. From any thread.
    [[nodiscard]] std::shared_ptr<const Runtime> in_force() const;

    /// The same, where follow() is called or before anybody does.
    [[nodiscard]] const std::shared_ptr<const Runtime>& newest() const noexcept { return newest_; }

    /// Has the workers and what is behind them follow `next`, which differs from what is in force
    /// in nothing that only a start can change. Listeners come and go; connections stay. Returns
    /// when every worker serves by it. One call at a time, never on a worker's thread.
    /// Error: an address cannot be opened or a certificate not served, and nothing has changed.
    [[nodiscard]] Result<void, config::Diagnostic>
    follow(const config::Settings& next, std::uint64_t generation, const Workers& workers);

    /// Generations in memory: the newest, and those that some request still uses. From any thread.
    [[nodiscard]] std::size_t live() const;

    /// See RefreshJoiner::drop_all.
    void drop_waiting() { queues_->joiner.drop_all(); }

private:
    [[nodiscard]] Result<TlsServers, config::Diagnostic> make_tls(const config::Settings& settings);
    void make(const config::Settings& settings, std::uint64_t generation, TlsServers tls_servers);

    AuthRooms& rooms_;
    std::shared_ptr<TicketKeys> tickets_; // made with the first listener that has tls
    const std::shared_ptr<AuthApi::Queues> queues_ = std::make_shared<AuthApi::Queues>();
    std::shared_ptr<const Runtime> newest_;
    mutable std::mutex mutex_;
    std::vector<std::weak_ptr<const Runtime>> known_; // guarded by mutex_
};

} // namespace gatehouse::gateway
