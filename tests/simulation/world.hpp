#pragma once

#include "tests/simulation/oracle.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/virtual_time.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::simulation {

class Client;

/// What a run was told to do.
struct Plan {
    std::uint64_t seed = 1;
    Bug bug = Bug::none;
    /// Gets the story of the run, line by line; without it none is written.
    std::function<void(const std::string&)> tell;
};

/// What came out of it.
struct Verdict {
    std::optional<Violation> violation;
    std::uint64_t answers = 0; // of requests that came back to their client
};

/// Everything of one run: three replicas, one database, the network between them, clients, an
/// operator, and the one who breaks things.
class World {
public:
    explicit World(const Plan& plan);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] Verdict run();

    // --- What actors need -----------------------------------------------------------------------

    [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }

    [[nodiscard]] Random& random() noexcept { return random_; }

    [[nodiscard]] Oracle& oracle() noexcept { return *oracle_; }

    [[nodiscard]] std::deque<Account>& accounts() noexcept { return accounts_; }

    /// The account that took the name of a deleted one, or will.
    [[nodiscard]] Account& life_after(const Account& deleted);

    [[nodiscard]] const config::Settings& settings() const noexcept { return settings_; }

    /// Another one each time.
    [[nodiscard]] std::uint64_t next_number() noexcept { return ++numbers_; }

    [[nodiscard]] bool is_closing() const noexcept { return closing_; }

    /// The network is whole, and who is gone has been noticed.
    [[nodiscard]] bool all_is_well() const noexcept { return all_is_well_; }

    /// Asks some replica and waits. Nothing: no answer, whatever may have happened there. `job`
    /// owns what it needs, and may be killed in the middle.
    template <class Job>
    std::optional<std::invoke_result_t<Job&, Process&>> ask(Job job);

    /// One line of the story; `line` makes it, if anybody listens.
    template <class Line>
    void tell(const Line& line)
    {
        if (plan_.tell) plan_.tell(stamped(line()));
    }

private:
    struct Replica {
        std::unique_ptr<SkewedClock> clock;
        Link to_database;
        Link to_clients;
        std::unique_ptr<Process> process; // none: crashed
    };

    void start(std::size_t replica);
    void start_actors();
    void break_things();
    void crash(std::size_t replica);
    /// In order; another one takes its place.
    void stop(std::size_t replica);
    void replace(std::size_t replica);
    void cut(Link& link, std::string what);
    void heal();
    void check_the_end();
    void last_look();
    /// One after the other, with nothing in the way.
    void last_logouts();
    [[nodiscard]] std::string stamped(const std::string& line) const;

    const Plan plan_;
    Random random_;
    SeededSystem system_;
    config::Settings settings_;
    Scheduler scheduler_;
    VirtualTime virtual_time_;
    Network network_;
    Database database_;
    std::unique_ptr<Oracle> oracle_;
    std::deque<Account> accounts_;
    std::vector<std::unique_ptr<Client>> clients_; // their tabs may outlive what they do
    std::array<Replica, 3> replicas_;
    std::uint64_t incarnations_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t numbers_ = 0;
    bool closing_ = false;
    bool all_is_well_ = false;
};

[[nodiscard]] Verdict run(const Plan& plan);

template <class Job>
std::optional<std::invoke_result_t<Job&, Process&>> World::ask(Job job)
{
    using Answer = std::invoke_result_t<Job&, Process&>;
    constexpr Time patience = std::chrono::seconds(2);

    struct Call {
        Scheduler::Wait waiter;
        std::optional<Answer> answer;
    };

    auto& replica = replicas_[random_.below(replicas_.size())];
    const auto fate = network_.fate_on(replica.to_clients);
    auto call = std::make_shared<Call>();
    call->waiter = scheduler_.begin_wait();
    const auto arrive = [this, call, fate, job, &replica] {
        if (replica.to_clients.cut) return;
        if (!replica.process || !replica.process->serves()) {
            scheduler_.wake(call->waiter); // nobody listens on its port
            return;
        }
        replica.process->run([this, call, fate, job, &replica]() mutable {
            auto answer = job(*replica.process);
            if (fate.answer_lost) return;
            scheduler_.after(fate.back, [this, call, answer = std::move(answer), &replica] {
                if (replica.to_clients.cut) return;
                call->answer = answer;
                ++answers_;
                scheduler_.wake(call->waiter);
            });
        });
    };
    if (!fate.question_lost) scheduler_.after(fate.there, arrive);
    scheduler_.wait_until(call->waiter, scheduler_.now() + patience);
    return call->answer;
}

} // namespace gatehouse::simulation
