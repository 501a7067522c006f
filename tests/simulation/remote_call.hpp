#pragma once

#include "tests/simulation/remote_store.hpp"

namespace gatehouse::simulation {

/// One call on its way.
template <class Answer>
struct Flight {
    Scheduler::Wait waiter;
    std::optional<Answer> answer;
    std::vector<std::string> ended; // by this call
};

template <class Work>
std::invoke_result_t<Work&, Database&> RemoteStore::call(Kind kind, Work work)
{
    using namespace std::chrono_literals;
    using Answer = std::invoke_result_t<Work&, Database&>;
    auto& scheduler = rooms_.scheduler;
    auto& database = rooms_.database;
    auto& link = rooms_.link;
    const auto fate = rooms_.network.fate_on(link);
    auto flight = std::make_shared<Flight<Answer>>();
    flight->waiter = scheduler.begin_wait();

    const auto arrive = [flight, fate, work, &scheduler, &database, &link]() mutable {
        if (link.cut) return;
        auto answer = work(database);
        flight->ended = database.note_commits();
        if (fate.answer_lost) return;
        scheduler.after(fate.back, [flight, answer = std::move(answer), &scheduler, &link] {
            if (link.cut || flight->answer) return;
            flight->answer = answer;
            scheduler.wake(flight->waiter);
        });
    };
    if (!fate.question_lost) scheduler.after(fate.there, arrive);
    if (rooms_.bug == Bug::writes_come_twice && kind == Kind::write &&
        rooms_.random.permille(300)) {
        // Later than anything that was merely slow could come.
        scheduler.after(Network::longest_flight + rooms_.random.between(100ms, 2s), arrive);
    }
    scheduler.wait_until(flight->waiter, scheduler.now() + patience);
    if (flight->answer) {
        ended_.insert(ended_.end(), flight->ended.begin(), flight->ended.end());
        return *std::move(flight->answer);
    }
    return auth::StoreError::unavailable;
}

} // namespace gatehouse::simulation
