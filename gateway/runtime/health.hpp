#pragma once

#include "gateway/admin/admin_endpoint.hpp"
#include "gateway/limits/rate_exchange.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/reloader.hpp"
#include "gateway/runtime/rooms.hpp"

#include <boost/asio/thread_pool.hpp>

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
    /// `on_stale: deny` routes refuse when the change feed has been silent for `feed.stale_after`.
    /// The others outlive it.
    Health(const AuthRooms& auth, SharedRooms& shared, const LogWriter& log,
           const config::Settings& settings);
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

    /// Where this process counts together with others; before ready().
    void watch(const RateExchange& rates) noexcept { rates_ = &rates; }

    /// Whose certificates are told of; before ready().
    void watch(std::function<std::shared_ptr<const Runtime>()> in_force)
    {
        in_force_ = std::move(in_force);
    }

    /// What a reload has changed of it.
    void use(const config::Settings& settings) noexcept
    {
        stale_after_ = settings.feed.stale_after;
        connections_limit_ = settings.limits.connections;
    }

    void ready() noexcept { ready_ = true; }

    /// Readiness off: no new connections, please.
    void draining() noexcept { ready_ = false; }

    /// Waits for what is being written; nothing more is taken.
    void finish_jobs() { writing_.join(); }

    [[nodiscard]] const std::shared_ptr<AdminEndpoint>& endpoint() const noexcept
    {
        return endpoint_;
    }

    /// From any thread.
    [[nodiscard]] MetricsView view() const;

private:
    [[nodiscard]] ConfigFacts config_facts() const;
    [[nodiscard]] std::vector<CertificateFacts> certificate_facts() const;
    void watch_feed();
    void tell_of_feed(bool stale);
    void tell_of_shedding(bool sheds);

    const AuthRooms& auth_;
    SharedRooms& shared_;
    const LogWriter& log_;
    std::atomic<std::chrono::milliseconds> stale_after_;
    std::atomic<std::uint64_t> connections_limit_;
    const Reloader* reloader_ = nullptr;
    const RateExchange* rates_ = nullptr;
    std::function<std::size_t()> live_generations_;
    std::function<std::shared_ptr<const Runtime>()> in_force_;
    std::vector<const Counters*> workers_;
    std::atomic<bool> ready_{false};
    boost::asio::thread_pool writing_{1};
    std::shared_ptr<AdminEndpoint> endpoint_;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool stopped_ = false;
    bool told_shedding_ = false; // of the thread alone
    std::thread thread_;
};

} // namespace gatehouse::gateway
