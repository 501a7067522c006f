#include "gateway/runtime/reloader.hpp"

#include "config/load/differences.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr auto without_a_restart = "so it would be until the keys that need a restart change too: "
                                   "restart, or change the two in two steps";

} // namespace

Reloader::Reloader(Rooms rooms, std::shared_ptr<const config::Settings> running,
                   std::vector<std::string> files)
    : rooms_(std::move(rooms)),
      running_(std::move(running)),
      files_(std::move(files))
{
    last_.why = "start";
    last_.at = rooms_.clock.now();
}

ReloadReport Reloader::reload(std::string_view why)
{
    const std::scoped_lock serial(one_at_a_time_);
    const auto before = last();
    auto report = tried(before.generation);
    report.why = why;
    report.ok = report.errors.empty();
    report.at = rooms_.clock.now();
    report.times_ok = before.times_ok + (report.ok ? 1 : 0);
    report.times_failed = before.times_failed + (report.ok ? 0 : 1);
    {
        const std::scoped_lock lock(mutex_);
        last_ = report;
    }
    rooms_.tell(report);
    return report;
}

ReloadReport Reloader::tried(std::uint64_t generation)
{
    ReloadReport report;
    report.generation = generation;
    auto loaded = rooms_.load();
    {
        const std::scoped_lock lock(mutex_);
        // A file with mistakes may not name all it should: those of before still matter.
        if (!loaded.ok()) loaded.files.insert(loaded.files.end(), files_.begin(), files_.end());
        std::ranges::sort(loaded.files);
        const auto twice = std::ranges::unique(loaded.files);
        loaded.files.erase(twice.begin(), twice.end());
        files_ = std::move(loaded.files);
    }
    report.errors = std::move(loaded.errors);
    report.warnings = std::move(loaded.warnings);
    if (!report.errors.empty()) return report;

    auto found = config::settle_differences(*running(), loaded.settings);
    report.needs_restart = std::move(found.need_a_restart);
    if (found.take_effect.empty()) return report;
    // What was judged together is taken apart here: what is left has to make sense by itself.
    if (!report.needs_restart.empty()) {
        report.errors = config::problems_of(loaded.settings, loaded.source);
        for (auto& error : report.errors) error.hint = without_a_restart;
        if (!report.errors.empty()) return report;
    }
    auto next = std::make_shared<const config::Settings>(std::move(loaded.settings));
    if (auto applied = rooms_.apply(*next, generation + 1); !applied) {
        report.errors.push_back(applied.error());
        if (report.errors.back().source.empty()) report.errors.back().source = loaded.source;
        return report;
    }
    report.generation = generation + 1;
    report.changed = std::move(found.take_effect);
    const std::scoped_lock lock(mutex_);
    running_ = std::move(next);
    return report;
}

ReloadReport Reloader::last() const
{
    const std::scoped_lock lock(mutex_);
    return last_;
}

std::shared_ptr<const config::Settings> Reloader::running() const
{
    const std::scoped_lock lock(mutex_);
    return running_;
}

std::vector<std::string> Reloader::files() const
{
    const std::scoped_lock lock(mutex_);
    return files_;
}

} // namespace gatehouse::gateway
