#pragma once

#include "tests/simulation/scheduler.hpp"

namespace gatehouse::simulation {

/// While one lives, the steady clock of the thread that made it tells the run's time, and where
/// code sleeps its fiber waits. So what counts leases and waits for others (auth/revocation) runs
/// as it is. Steady clocks of all replicas run equally fast, as decision 15 demands.
class VirtualTime {
public:
    explicit VirtualTime(Scheduler& scheduler) noexcept;
    ~VirtualTime();
    VirtualTime(const VirtualTime&) = delete;
    VirtualTime& operator=(const VirtualTime&) = delete;
};

} // namespace gatehouse::simulation
