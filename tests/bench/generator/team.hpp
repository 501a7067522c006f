#pragma once

#include "tests/bench/generator/cpu_time.hpp"
#include "tests/bench/generator/load.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace gatehouse::bench {

/// Threads that drive a part of the connections each, and share nothing.
class Team {
public:
    /// `script_for(load)` is asked once for each of them.
    template <class ScriptFor>
    Team(const LoadOptions& all, std::size_t threads, ScriptFor script_for)
    {
        members_.reserve(threads);
        for (std::size_t i = 0; i < threads; ++i) {
            auto& member = members_.emplace_back();
            member.options = std::make_unique<LoadOptions>(all);
            member.options->connections = part(all.connections, i, threads);
            member.options->idle = part(all.idle, i, threads);
            member.options->rate = all.rate / static_cast<double>(threads);
            member.script = script_for(*member.options);
            member.load = std::make_unique<Load>(*member.options, *member.script);
        }
    }

    void run(std::chrono::milliseconds time)
    {
        std::vector<std::jthread> threads;
        for (auto& member : members_) {
            threads.emplace_back([&member, time] {
                const double before = seconds_on(CLOCK_THREAD_CPUTIME_ID);
                member.load->run(time);
                member.seconds = seconds_on(CLOCK_THREAD_CPUTIME_ID) - before;
            });
        }
    }

    [[nodiscard]] Latencies latencies() const
    {
        Latencies all;
        for (const auto& member : members_) all.add(member.load->latencies());
        return all;
    }

    [[nodiscard]] std::size_t errors() const
    {
        return sum([](const Member& member) { return member.load->errors(); });
    }

    [[nodiscard]] std::size_t lines_used() const
    {
        return sum([](const Member& member) { return member.script->lines_used(); });
    }

    /// Processor time of the last run, of the thread that used most: it limits all of them.
    [[nodiscard]] double busiest_seconds() const
    {
        return std::ranges::max_element(members_, {}, &Member::seconds)->seconds;
    }

private:
    struct Member {
        std::unique_ptr<LoadOptions> options{};
        std::unique_ptr<Script> script{};
        std::unique_ptr<Load> load{};
        double seconds = 0;
    };

    static std::size_t part(std::size_t all, std::size_t number, std::size_t of)
    {
        return all / of + (number < all % of ? 1 : 0);
    }

    template <class Count>
    [[nodiscard]] std::size_t sum(Count count) const
    {
        return std::accumulate(
            members_.begin(), members_.end(), std::size_t{0},
            [&](std::size_t so_far, const Member& member) { return so_far + count(member); });
    }

    std::vector<Member> members_;
};

} // namespace gatehouse::bench
