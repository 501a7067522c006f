#pragma once

#include "gateway/net/wakeable.hpp"

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <new>
#include <utility>

namespace gatehouse::gateway {

/// The place where one coroutine sleeps until any of the things it is interested in wakes it:
///
///     socket.wake_when_readable(waiter);
///     deadline.arm(timers, 10s, waiter);
///     co_await waiter.sleep();
///
/// Sleeping allocates nothing: the resumption is kept in the waiter itself. A wake that comes
/// while nobody sleeps is kept for the next sleep.
class Waiter final : public Wakeable {
public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    ~Waiter() { drop(); }

    /// An asynchronous operation for co_await inside a Task.
    [[nodiscard]] auto sleep() noexcept { return Sleep{this}; }

    void wake() noexcept override
    {
        if (resume_ != nullptr) {
            const auto resume = std::exchange(resume_, nullptr);
            resume(*this, Fate::run);
        } else {
            woken_ = true;
        }
    }

    /// Forgets a wake that came too early to matter.
    void forget() noexcept { woken_ = false; }

private:
    enum class Fate { run, drop };

    struct Sleep {
        Waiter* waiter;

        template <boost::asio::completion_token_for<void()> Token>
        auto operator()(Token&& token)
        {
            return boost::asio::async_initiate<Token, void()>(
                [](auto&& handler, Waiter* here) { here->keep(handler); }, token, waiter);
        }
    };

    /// Takes `handler` over. Each move of it costs, so there is one.
    template <class Handler>
    void keep(Handler& handler)
    {
        static_assert(sizeof(Handler) <= room && alignof(Handler) <= alignof(void*));
        if (std::exchange(woken_, false)) return handler();
        new (place_) Handler(std::move(handler));
        resume_ = [](Waiter& waiter, Fate fate) {
            auto* kept = std::launder(reinterpret_cast<Handler*>(waiter.place_));
            // Out of the waiter before it runs: the coroutine may sleep here again, or end.
            auto taken = std::move(*kept);
            kept->~Handler();
            if (fate == Fate::run) taken();
        };
    }

    void drop() noexcept
    {
        if (resume_ != nullptr) std::exchange(resume_, nullptr)(*this, Fate::drop);
    }

    static constexpr std::size_t room = 2 * sizeof(void*);

    alignas(void*) std::byte place_[room];
    void (*resume_)(Waiter&, Fate) = nullptr;
    bool woken_ = false;
};

} // namespace gatehouse::gateway
