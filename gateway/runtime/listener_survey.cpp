#include "gateway/runtime/listener_survey.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Shared with the workers: a late answer comes to an empty room.
struct Survey {
    std::mutex mutex;
    std::condition_variable answered;
    std::size_t missing = 0;
    std::vector<std::vector<ListenerCopy>> by_worker;
};

} // namespace

std::optional<std::vector<ListenerCopy>>
copy_listeners(const std::vector<std::unique_ptr<Worker>>& workers,
               std::chrono::milliseconds patience)
{
    const auto survey = std::make_shared<Survey>();
    survey->missing = workers.size();
    survey->by_worker.resize(workers.size());
    for (std::size_t i = 0; i < workers.size(); ++i) {
        workers[i]->ask_for_listeners([survey, i](std::vector<ListenerCopy> copies) {
            const std::scoped_lock lock(survey->mutex);
            survey->by_worker[i] = std::move(copies);
            --survey->missing;
            survey->answered.notify_one();
        });
    }
    std::unique_lock lock(survey->mutex);
    if (!survey->answered.wait_for(lock, patience, [&] { return survey->missing == 0; })) {
        return std::nullopt;
    }
    std::vector<ListenerCopy> all;
    for (auto& copies : survey->by_worker) std::ranges::move(copies, std::back_inserter(all));
    const bool whole =
        std::ranges::all_of(all, [](const auto& copy) { return copy.socket.is_open(); });
    if (!whole) return std::nullopt;
    return all;
}

} // namespace gatehouse::gateway
