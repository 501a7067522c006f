#pragma once

#include "auth/basics/clock.hpp"
#include "config/basics/result.hpp"
#include "config/diagnostics/diagnostic.hpp"
#include "config/load/load.hpp"
#include "config/settings/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// What a reload brought. Before the first one: what the start brought.
struct ReloadReport {
    std::string why;              // who asked: `start`, `SIGHUP`, `file`, `admin`
    bool ok = true;               // else the settings before are still in force
    std::uint64_t generation = 1; // of the settings in force; a new one for each change that took
    auth::Millis at{};
    std::vector<std::string> changed;       // keys that took effect
    std::vector<std::string> needs_restart; // keys that differ from what runs, until a restart
    std::vector<config::Diagnostic> errors; // as `check` prints them; empty where ok
    std::vector<config::Diagnostic> warnings;
    // Since the start:
    std::uint64_t times_ok = 0;
    std::uint64_t times_failed = 0;
};

/// Reads the configuration again and has the running gateway follow it: all of what can change
/// without a restart, or, where anything is wrong, nothing. The one way for signals, file changes
/// and the admin API.
class Reloader {
public:
    /// All of it outlives the reloader.
    struct Rooms {
        /// Reads what was read at the start, in the same way.
        std::function<config::Loaded()> load;
        /// Makes the gateway follow these settings, as this generation. An error: nothing changed.
        std::function<Result<void, config::Diagnostic>(const config::Settings& settings,
                                                       std::uint64_t generation)>
            apply;
        /// Hears of every reload, on its thread.
        std::function<void(const ReloadReport& report)> tell;
        const auth::Clock& clock;
    };

    /// `running`: what the gateway was started with, and the files that were read for it.
    Reloader(Rooms rooms, std::shared_ptr<const config::Settings> running,
             std::vector<std::string> files);
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;

    /// From any thread but a worker's, one at a time. Returns when every worker serves by the new
    /// settings.
    ReloadReport reload(std::string_view why);

    /// The last report. From any thread; never waits for a reload that is under way.
    [[nodiscard]] ReloadReport last() const;

    /// What is in force.
    [[nodiscard]] std::shared_ptr<const config::Settings> running() const;

    /// Files whose content matters, as of the last time they were read.
    [[nodiscard]] std::vector<std::string> files() const;

private:
    /// The part of a report that reading and applying makes.
    [[nodiscard]] ReloadReport tried(std::uint64_t generation);

    const Rooms rooms_;
    std::mutex one_at_a_time_;
    mutable std::mutex mutex_; // guards what follows
    std::shared_ptr<const config::Settings> running_;
    ReloadReport last_;
    std::vector<std::string> files_;
};

} // namespace gatehouse::gateway
