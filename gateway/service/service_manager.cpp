#include "gateway/service/service_manager.hpp"

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

// A store that answers nobody holds one try up for its connect timeout, some ten seconds.
constexpr std::chrono::microseconds more_time_to_start = 60s;
constexpr auto between_requests_for_time = 5s;

/// CLOCK_MONOTONIC, by which the manager orders what it hears.
std::chrono::microseconds monotonic_now() noexcept
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::duration_cast<std::chrono::microseconds>(
                                                  std::chrono::nanoseconds(now.tv_nsec));
}

} // namespace

ServiceManager::ServiceManager(const ServiceTerms& terms) : limit_(terms.watchdog)
{
    if (terms.notify_socket.empty()) return;
    if (auto opened = NotifySocket::open(terms.notify_socket)) socket_ = *std::move(opened);
}

void ServiceManager::start_waits(std::string_view status)
{
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (told_to_wait_ && now - *told_to_wait_ < between_requests_for_time) return;
    told_to_wait_ = now;
    socket_.tell(
        fmt::format("EXTEND_TIMEOUT_USEC={}\n{}", more_time_to_start.count(), status_line(status)));
}

void ServiceManager::ready(std::string_view status)
{
    const std::scoped_lock lock(mutex_);
    stage_ = Stage::serving;
    socket_.tell("READY=1\n" + status_line(status));
}

void ServiceManager::reloading()
{
    const std::scoped_lock lock(mutex_);
    if (stage_ != Stage::serving) return;
    socket_.tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n{}", monotonic_now().count(),
                             status_line("reading the configuration")));
}

void ServiceManager::reloaded(std::string_view status)
{
    const std::scoped_lock lock(mutex_);
    if (stage_ != Stage::serving) return;
    socket_.tell("READY=1\n" + status_line(status));
}

void ServiceManager::stopping(std::string_view status)
{
    const std::scoped_lock lock(mutex_);
    stage_ = Stage::stopping;
    socket_.tell("STOPPING=1\n" + status_line(status));
}

void ServiceManager::watch(std::vector<Watched> loops)
{
    if (limit_ == 0us || !socket_.is_open()) return;
    watchdog_.emplace(limit_, std::move(loops), [this] { socket_.tell("WATCHDOG=1\n"); });
}

} // namespace gatehouse::gateway
