#pragma once

#include "auth/connections/pauses.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::auth {

/// Connections to one server for whoever calls, opened as they are needed, up to a limit, by a
/// thread of their own: no caller waits for a server that accepts and then says nothing. Where the
/// server is gone calls are refused at once, and the thread tries until it is back, with growing
/// pauses. `Connection` says with `is_at_rest()` whether it is good, with nothing to read on it;
/// `Failure` is why one could not be opened.
template <class Connection, class Failure>
class SharedConnections {
public:
    using Steady = std::chrono::steady_clock;
    using Line = std::unique_ptr<Connection>;
    /// Makes a connection that is fit for use, or says why there is none.
    using Open = std::function<Line(std::optional<Failure>& failure)>;

    SharedConnections(std::size_t most, Open open)
        : most_(most),
          open_line_(std::move(open)),
          thread_([this] { serve(); })
    {
    }

    SharedConnections(const SharedConnections&) = delete;
    SharedConnections& operator=(const SharedConnections&) = delete;

    ~SharedConnections()
    {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            wanted_.notify_one();
            changed_.notify_all();
        }
        thread_.join();
    }

    /// Waits until the first attempt to connect is over. What went wrong, if anything did.
    [[nodiscard]] std::optional<Failure> first_failure()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return attempted_ || stopping_; });
        return failure_;
    }

    /// Whether nobody has answered since the last sign of trouble.
    [[nodiscard]] bool is_down()
    {
        const std::scoped_lock lock(mutex_);
        return down_;
    }

    /// A connection that somebody has for a while.
    struct Loan {
        Line line{};                      // null: none is to be had
        std::uint64_t era = 0;            // when it was lent
        std::optional<Failure> refusal{}; // why none is to be had, where that is known
    };

    [[nodiscard]] Loan take(Steady::time_point deadline)
    {
        std::unique_lock lock(mutex_);
        ++waiting_;
        const auto settled = [&] { return stopping_ || down_ || !idle_.empty(); };
        Line taken;
        while (!taken) {
            wanted_.notify_one();
            if (!changed_.wait_until(lock, deadline, settled) || stopping_ || down_) break;
            // The one used last: the others may grow old and be closed.
            taken = std::move(idle_.back());
            idle_.pop_back();
            // It was idle: what there is to read now is that the server closed it.
            if (taken->is_at_rest()) break;
            taken.reset();
            --open_;
        }
        --waiting_;
        return {std::move(taken), era_, down_ ? failure_ : std::nullopt};
    }

    /// What a call found out about its connection, and with it about the others.
    enum class Verdict : std::uint8_t {
        good,
        outdated, // the server is not whom we want: none that were opened by now are used again
        down      // the same, and calls are refused until a new one has shown that somebody answers
    };

    /// `why` is told to those who are refused.
    void give_back(Loan loan, Verdict verdict, std::optional<Failure> why = {})
    {
        const bool good = verdict == Verdict::good && loan.line->is_at_rest();
        std::vector<Line> closed; // outside the lock
        const std::scoped_lock lock(mutex_);
        if (good && loan.era == era_) {
            idle_.push_back(std::move(loan.line));
        } else {
            closed.push_back(std::move(loan.line));
            --open_;
        }
        if (verdict != Verdict::good && loan.era == era_) {
            // The others are no better. Nobody has to find out one by one.
            ++era_;
            open_ -= idle_.size();
            std::ranges::move(idle_, std::back_inserter(closed));
            idle_.clear();
            if (verdict == Verdict::down) down_ = true;
            if (why) failure_ = std::move(why);
            wanted_.notify_one();
            changed_.notify_all();
        }
        changed_.notify_one();
    }

    /// What was opened in an earlier one is not used again.
    [[nodiscard]] std::uint64_t era()
    {
        const std::scoped_lock lock(mutex_);
        return era_;
    }

private:
    void serve()
    {
        std::unique_lock lock(mutex_);
        while (true) {
            wanted_.wait(lock, [&] { return is_wanted(); });
            if (stopping_) return;
            if (failures_ > 0) {
                wanted_.wait_for(lock, pause_after(failures_), [&] { return stopping_; });
                if (stopping_) return;
            }
            open_one(lock);
        }
    }

    [[nodiscard]] bool is_wanted() const
    {
        const bool room = open_ < most_;
        return stopping_ || !attempted_ || down_ || (room && waiting_ > idle_.size());
    }

    void open_one(std::unique_lock<std::mutex>& lock)
    {
        std::optional<Failure> failure;
        lock.unlock();
        auto line = open_line_(failure);
        lock.lock();
        attempted_ = true;
        failure_ = std::move(failure);
        if (line) {
            failures_ = 0;
            down_ = false;
            ++open_;
            idle_.push_back(std::move(line));
        } else {
            ++failures_;
            // With connections left it may be the server's limit that was met: callers share those.
            down_ = down_ || open_ == 0;
        }
        changed_.notify_all();
    }

    const std::size_t most_;
    const Open open_line_;

    std::mutex mutex_;
    std::condition_variable changed_; // for callers: a connection, or none to be had
    std::condition_variable wanted_;  // for the thread
    std::vector<Line> idle_;
    std::size_t open_ = 0;       // idle and on loan
    std::uint64_t era_ = 0;      // counts the times when all were given up
    std::size_t waiting_ = 0;    // callers
    std::uint32_t failures_ = 0; // attempts in a row that failed
    bool down_ = false;
    bool attempted_ = false;
    std::optional<Failure> failure_; // of the last attempt
    bool stopping_ = false;
    std::thread thread_; // last: it uses all of the above
};

} // namespace gatehouse::auth
