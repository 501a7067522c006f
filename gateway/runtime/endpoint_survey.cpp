#include "gateway/runtime/endpoint_survey.hpp"

#include "gateway/net/timers.hpp"
#include "gateway/upstream/endpoint_state.hpp"

#include <condition_variable>
#include <mutex>

namespace gatehouse::gateway {
namespace {

/// Shared with the workers: a late answer comes to an empty room.
struct Survey {
    std::mutex mutex;
    std::condition_variable answered;
    std::size_t missing = 0;
    EndpointBook sum;
};

} // namespace

EndpointBook survey_endpoints(const std::vector<std::unique_ptr<Worker>>& workers,
                              EndpointBoard& board, std::chrono::milliseconds patience)
{
    const auto survey = std::make_shared<Survey>();
    survey->missing = workers.size();
    for (const auto& worker : workers) {
        worker->ask_for_endpoints([survey](const EndpointBook& book) {
            const std::scoped_lock lock(survey->mutex);
            for (const auto& [key, facts] : book) survey->sum[key].add(facts);
            --survey->missing;
            survey->answered.notify_one();
        });
    }
    std::unique_lock lock(survey->mutex);
    survey->answered.wait_for(lock, patience, [&] { return survey->missing == 0; });
    for (const auto& endpoint : board.all()) {
        auto& facts = survey->sum[{endpoint->upstream().name(), endpoint->target().authority}];
        facts.standing = endpoint->standing(Timers::now());
    }
    return survey->sum;
}

} // namespace gatehouse::gateway
