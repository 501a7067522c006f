#include "gateway/runtime/signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {

void block_stop_signals() noexcept
{
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGHUP);
    ::sigaddset(&set, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalWatch::SignalWatch(std::initializer_list<int> signals, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal))
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : signals) ::sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_ = FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    stop_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!signals_.is_open() || !stop_.is_open())
        throw std::system_error(errno, std::generic_category(), "signalfd");
    thread_ = std::thread([this] { run(); });
}

SignalWatch::~SignalWatch()
{
    const std::uint64_t one = 1;
    // An eventfd that is not full takes 8 bytes or nothing, and it was never written before.
    [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
}

void SignalWatch::run()
{
    std::array<pollfd, 2> waits{
        pollfd{signals_.get(), POLLIN, 0},
        pollfd{stop_.get(),    POLLIN, 0}
    };
    while (true) {
        if (::poll(waits.data(), waits.size(), -1) < 0) continue; // EINTR
        if (waits[1].revents != 0) return;
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            on_signal_(static_cast<int>(info.ssi_signo));
        }
    }
}

} // namespace gatehouse::gateway
