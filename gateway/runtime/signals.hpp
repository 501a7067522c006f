#pragma once

#include "gateway/net/file_descriptor.hpp"

#include <functional>
#include <initializer_list>
#include <thread>

namespace gatehouse::gateway {

/// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1 for this thread and those it starts. For whoever
/// starts threads before there is a SignalWatch.
void block_stop_signals() noexcept;

/// Turns signals into calls on a thread of its own, where anything may be done. Make it before any
/// other thread: it blocks the signals for its maker and so for every thread started later.
class SignalWatch {
public:
    /// `on_signal` gets the signal's number, one call at a time.
    SignalWatch(std::initializer_list<int> signals, std::function<void(int)> on_signal);
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    /// Ends the thread. The signals stay blocked: one that comes late kills nobody.
    ~SignalWatch();

private:
    void run();

    std::function<void(int)> on_signal_;
    FileDescriptor signals_; // signalfd
    FileDescriptor stop_;    // eventfd
    std::thread thread_;
};

} // namespace gatehouse::gateway
