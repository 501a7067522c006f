#pragma once

#include "gateway/admin/admin_endpoint.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/reloader.hpp"
#include "gateway/runtime/rooms.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::gateway {

/// What the whole process knows of itself, for probes and metrics; and the one who tells workers
/// when the change feed has fallen behind.
class Health {
public:
    /// `on_stale: deny` routes refuse when the change feed has been silent for `stale_after`. The
    /// others outlive it.
    Health(const AuthRooms& auth, SharedRooms& shared, const LogWriter& log,
           std::chrono::milliseconds stale_after);
    Health(const Health&) = delete;
    Health& operator=(const Health&) = delete;
    ~Health();

    /// One more worker's counters; before ready().
    void watch(const Counters& counters) { workers_.push_back(&counters); }

    /// From now on that is what is said of reloads; before ready().
    void watch(const Reloader& reloader, std::function<std::size_t()> live_generations)
    {
        reloader_ = &reloader;
        live_generations_ = std::move(live_generations);
    }

    /// A reload has changed the time after which a silent feed is stale.
    void use(std::chrono::milliseconds stale_after) noexcept { stale_after_ = stale_after; }

    void ready() noexcept { ready_ = true; }

    /// Readiness off: no new connections, please.
    void draining() noexcept { ready_ = false; }

    [[nodiscard]] const std::shared_ptr<LocalEndpoint>& endpoint() const noexcept
    {
        return endpoint_;
    }

private:
    [[nodiscard]] AdminView view() const;
    [[nodiscard]] ConfigFacts config_facts() const;
    void watch_feed();

    const AuthRooms& auth_;
    SharedRooms& shared_;
    const LogWriter& log_;
    std::atomic<std::chrono::milliseconds> stale_after_;
    const Reloader* reloader_ = nullptr;
    std::function<std::size_t()> live_generations_;
    std::vector<const Counters*> workers_;
    std::atomic<bool> ready_{false};
    std::shared_ptr<LocalEndpoint> endpoint_;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    std::thread thread_;
};

} // namespace gatehouse::gateway
