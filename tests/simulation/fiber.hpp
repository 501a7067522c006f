#pragma once

#include <ucontext.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace gatehouse::simulation {

/// A function with a stack of its own, which may stop in the middle and go on later. Exactly one
/// runs at a time, all on one thread, so blocking code can be interleaved in any wanted order.
class Fiber {
public:
    explicit Fiber(std::function<void()> body);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// It has ended, or never began.
    ~Fiber();

    /// Runs it until it suspends or ends. Not from inside a fiber. What it threw is thrown here.
    void resume();
    /// From inside a fiber: goes back to whoever resumed it.
    static void suspend();

    [[nodiscard]] bool has_ended() const noexcept { return ended_; }

private:
    static void enter();

    std::function<void()> body_;
    std::unique_ptr<std::byte[]> stack_;
    ucontext_t own_{};
    ucontext_t resumer_{};
    std::exception_ptr failure_;
    bool ended_ = false;
};

} // namespace gatehouse::simulation
