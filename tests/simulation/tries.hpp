#pragma once

#include "tests/simulation/network.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::simulation {

/// Something somebody tried to set: a password, a block, roles. Without an acknowledgement it may
/// have happened, may not, or may still.
template <class Value>
struct Try {
    Value value;
    Time began{};
    std::optional<Time> acknowledged;
    std::optional<Time> given_up; // the process ended the call, or was killed in it

    /// It takes no effect after this.
    [[nodiscard]] Time until() const noexcept
    {
        if (acknowledged) return *acknowledged;
        return given_up ? *given_up + Network::longest_flight : Time::max();
    }
};

template <class Value>
using Tries = std::vector<Try<Value>>;

/// The try whose value has held since before `moment`, if that is beyond doubt; else null.
template <class Value>
const Try<Value>* certain(const Tries<Value>& tries, Time moment)
{
    for (const auto& last : tries) {
        if (!last.acknowledged || *last.acknowledged >= moment) continue;
        bool alone = true;
        for (const auto& other : tries) {
            if (&other != &last && other.until() >= last.began) alone = false;
        }
        if (alone) return &last;
    }
    return nullptr;
}

/// Whether the value of this try may still have held at `moment`.
template <class Value>
bool is_possible(const Tries<Value>& tries, std::size_t index, Time moment)
{
    const auto over = tries[index].until();
    for (const auto& other : tries) {
        if (other.acknowledged && *other.acknowledged < moment && other.began > over) return false;
    }
    return true;
}

/// Notes when a call that tried something ended, also when its process is killed in the middle.
template <class Value>
class Trying {
public:
    Trying(Tries<Value>& tries, Value value, const Scheduler& scheduler)
        : tries_(tries),
          index_(tries.size()),
          scheduler_(scheduler)
    {
        tries.push_back({std::move(value), scheduler.now(), std::nullopt, std::nullopt});
    }

    Trying(const Trying&) = delete;
    Trying& operator=(const Trying&) = delete;

    ~Trying()
    {
        if (!tries_[index_].acknowledged) tries_[index_].given_up = scheduler_.now();
    }

    void acknowledge() { tries_[index_].acknowledged = scheduler_.now(); }

    [[nodiscard]] std::size_t index() const noexcept { return index_; }

private:
    Tries<Value>& tries_;
    const std::size_t index_;
    const Scheduler& scheduler_;
};

} // namespace gatehouse::simulation
