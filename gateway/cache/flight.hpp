#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>

namespace gatehouse::gateway {

/// One request that fetches what several want. Those who wait for it, on whichever thread, are
/// woken when it has ended, however it ended.
class Flight {
public:
    /// Somebody who waits, until this goes.
    class Seat {
    public:
        Seat() = default;
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;

        ~Seat() { leave(); }

        void leave() noexcept;

    private:
        friend class Flight;
        std::shared_ptr<Flight> flight_;
        std::list<std::function<void()>>::iterator place_;
    };

    /// `wake` is called once, from any thread, unless the seat has gone before. false: there is
    /// nothing to wait for any more.
    [[nodiscard]] static bool sit(const std::shared_ptr<Flight>& flight, Seat& seat,
                                  std::function<void()> wake);

    [[nodiscard]] bool has_ended() const;

    /// What it fetched may have changed meanwhile: it is not kept.
    void spoil();
    [[nodiscard]] bool is_spoilt() const;

    void end() noexcept;

private:
    mutable std::mutex mutex_;
    std::list<std::function<void()>> waiting_;
    bool ended_ = false;
    bool spoilt_ = false;
};

} // namespace gatehouse::gateway
