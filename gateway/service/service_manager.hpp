#pragma once

#include "gateway/service/notify_socket.hpp"
#include "gateway/service/watchdog.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// Who started us, as far as it wants to hear from us.
struct ServiceTerms {
    std::string notify_socket;             // empty, or one that cannot be: nobody
    std::chrono::microseconds watchdog{0}; // it wants a sign of life within this; 0: none
};

/// Tells the service manager how the gateway does (sd_notify(3)); says nothing where there is none.
/// `status` is what operators read beside the state. Any thread may call; what is told is in the
/// order in which it happened, and nothing comes back after the end was announced.
class ServiceManager {
public:
    explicit ServiceManager(const ServiceTerms& terms);

    /// The start takes longer than a start should: called often, tells now and then.
    void start_waits(std::string_view status);
    void ready(std::string_view status);
    /// A reload begins; reloaded() ends it, whatever came of it.
    void reloading();
    void reloaded(std::string_view status);
    void stopping(std::string_view status);

    /// From now on it hears that we live, as long as all of these do; they outlive this object.
    void watch(std::vector<Watched> loops);

private:
    enum class Stage { starting, serving, stopping };

    NotifySocket socket_;
    const std::chrono::microseconds limit_;
    std::mutex mutex_;
    Stage stage_ = Stage::starting; // guarded by mutex_
    std::optional<std::chrono::steady_clock::time_point> told_to_wait_;
    std::optional<Watchdog> watchdog_; // last made, first gone
};

} // namespace gatehouse::gateway
