#pragma once

#include "tests/simulation/bugs.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <algorithm>

namespace gatehouse::simulation {

/// The way between a replica and the database, or between a client and a replica.
struct Link {
    bool cut = false;
    /// When something last went wrong on it: a loss, a delay of more than `prompt`, a cut.
    Time last_fault{-1};
};

/// What happens to one question and its answer. Each message takes its own time, so that later
/// ones overtake earlier ones.
struct Fate {
    Time there{};
    Time back{};
    bool question_lost = false;
    bool answer_lost = false;
};

/// How bad the network of a run is, in thousandths of all messages.
struct Weather {
    std::size_t lost = 0;
    std::size_t slow = 0;
};

class Network {
public:
    /// Slower than this is a fault.
    static constexpr Time prompt = std::chrono::milliseconds(100);
    /// No message is on its way for longer.
    static constexpr Time longest_flight = std::chrono::seconds(4);

    Network(Scheduler& scheduler, Random& random) : scheduler_(scheduler), random_(random) {}

    void set(Weather weather) noexcept { weather_ = weather; }

    [[nodiscard]] Fate fate_on(Link& link)
    {
        Fate fate{flight(), flight(), random_.permille(weather_.lost),
                  random_.permille(weather_.lost)};
        const bool fault =
            fate.question_lost || fate.answer_lost || std::max(fate.there, fate.back) > prompt;
        if (fault || link.cut) link.last_fault = scheduler_.now();
        return fate;
    }

    void cut(Link& link)
    {
        link.cut = true;
        link.last_fault = scheduler_.now();
    }

    void mend(Link& link)
    {
        if (link.cut) link.last_fault = scheduler_.now();
        link.cut = false;
    }

private:
    [[nodiscard]] Time flight()
    {
        using namespace std::chrono_literals;
        if (!random_.permille(weather_.slow)) return random_.between(100us, 3ms);
        return random_.permille(800) ? random_.between(3ms, 90ms)
                                     : random_.between(90ms, longest_flight);
    }

    Scheduler& scheduler_;
    Random& random_;
    Weather weather_;
};

} // namespace gatehouse::simulation
