#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// What all workers count under names that the configuration gives: one `Counted` for each name and
/// worker, which that worker alone changes. A name stays as long as somebody holds it, so what a
/// reload keeps goes on counting where it was, and what it drops is gone with its last request.
/// Workers come here when settings change and never for a request.
template <class Counted>
class TallyBook {
public:
    class Tally {
    public:
        explicit Tally(std::string label) : label_(std::move(label)) {}

        [[nodiscard]] const std::string& label() const noexcept { return label_; }

    private:
        friend class TallyBook;

        std::string label_;
        std::vector<std::unique_ptr<Counted>> by_worker_; // guarded by the book's mutex
    };

    /// One worker's counters under one name, for as long as this lives.
    struct Held {
        std::shared_ptr<Tally> tally;
        Counted* counted = nullptr;
    };

    [[nodiscard]] Held hold(const std::string& label, std::size_t worker)
    {
        const std::scoped_lock lock(mutex_);
        auto& place = tallies_[label];
        auto tally = place.lock();
        if (!tally) place = tally = std::make_shared<Tally>(label);
        auto& counters = tally->by_worker_;
        if (counters.size() <= worker) counters.resize(worker + 1);
        if (!counters[worker]) counters[worker] = std::make_unique<Counted>();
        return {tally, counters[worker].get()};
    }

    /// One name and what every worker counted under it.
    struct Shown {
        std::shared_ptr<const Tally> tally; // keeps the counters alive
        std::vector<const Counted*> workers;
    };

    /// In the order of the names. Forgets those that nobody holds any more.
    [[nodiscard]] std::vector<Shown> show()
    {
        const std::scoped_lock lock(mutex_);
        std::erase_if(tallies_, [](const auto& entry) { return entry.second.expired(); });
        std::vector<Shown> all;
        for (const auto& [label, place] : tallies_) {
            const auto tally = place.lock();
            if (!tally) continue;
            auto& shown = all.emplace_back();
            for (const auto& counted : tally->by_worker_) {
                if (counted) shown.workers.push_back(counted.get());
            }
            shown.tally = tally;
        }
        return all;
    }

    /// Names that are kept in mind, also of those that are gone since show().
    [[nodiscard]] std::size_t size()
    {
        const std::scoped_lock lock(mutex_);
        return tallies_.size();
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<Tally>> tallies_;
};

} // namespace gatehouse::gateway
