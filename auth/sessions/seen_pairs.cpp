#include "auth/sessions/seen_pairs.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <exception>

namespace gatehouse::auth {

void SeenPairs::note(const Id128& session, Generation generation) noexcept
{
    try {
        const std::scoped_lock lock(mutex_);
        auto& recent = recent_.at(session.low % recent_entries); // ids are random
        if (recent.session == session && recent.generation >= generation) return;
        const auto found = waiting_.find(key_of(session));
        if (found != waiting_.end()) {
            found->second = std::max(found->second, generation);
        } else if (enforced("seen_pairs.most_waiting") && waiting_.size() >= most_waiting) {
            ++dropped_;
            return; // and not recent: the next worker that meets the token may have more luck
        } else {
            waiting_.emplace(key_of(session), generation);
        }
        recent = {session, generation};
        changed_.notify_one();
    } catch (const std::exception&) { // no memory for it
        ++dropped_;
    }
}

Generation SeenPairs::newest_of(const Id128& session) const
{
    const std::scoped_lock lock(mutex_);
    const auto found = waiting_.find(key_of(session));
    return found == waiting_.end() ? 0 : found->second;
}

std::vector<SeenGeneration> SeenPairs::some(std::size_t at_most) const
{
    std::vector<SeenGeneration> seen;
    for (const auto& [key, generation] : waiting_) {
        if (seen.size() == at_most) break;
        seen.push_back({
            Id128{key.first, key.second}
            .to_string(), generation
        });
    }
    return seen;
}

std::vector<SeenGeneration> SeenPairs::wait(std::size_t at_most)
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return {};
    return some(at_most);
}

std::vector<SeenGeneration> SeenPairs::waiting(std::size_t at_most) const
{
    const std::scoped_lock lock(mutex_);
    return some(at_most);
}

void SeenPairs::written(std::span<const SeenGeneration> seen)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& [text, generation] : seen) {
        const auto session = Id128::parse(text);
        if (!session) continue;
        const auto found = waiting_.find(key_of(*session));
        // A newer one that was noted meanwhile has still to be written.
        if (found != waiting_.end() && found->second == generation) waiting_.erase(found);
    }
}

bool SeenPairs::pause(std::chrono::milliseconds length)
{
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, length, [&] { return stopped_; });
}

void SeenPairs::stop() noexcept
{
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

} // namespace gatehouse::auth
