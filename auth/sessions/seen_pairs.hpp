#pragma once

#include "auth/basics/id.hpp"
#include "auth/sessions/session.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::auth {

/// Which pairs this process saw in use and the store may not know of yet. Workers tell it and wait
/// for nobody but each other, for an instant; one thread carries it to the store. Bounded: what
/// comes while too many wait is forgotten, and counted. Safe from any thread.
class SeenPairs {
public:
    /// Those that wait, while the store is away.
    static constexpr std::size_t most_waiting = 65'536;

    SeenPairs() : recent_(recent_entries) {}

    /// Somebody used an access token of this generation.
    void note(const Id128& session, Generation generation) noexcept;

    /// The newest generation that was noted and is not written yet; 0: none.
    [[nodiscard]] Generation newest_of(const Id128& session) const;

    /// Blocks until something waits to be written, and says what, at most so many. Empty: stopped.
    [[nodiscard]] std::vector<SeenGeneration> wait(std::size_t at_most);
    /// The store knows these now.
    void written(std::span<const SeenGeneration> seen);
    /// What waits, at most so many.
    [[nodiscard]] std::vector<SeenGeneration> waiting(std::size_t at_most) const;

    /// Blocks for so long; false: stopped meanwhile.
    [[nodiscard]] bool pause(std::chrono::milliseconds length);
    /// Ends every wait and pause, for good.
    void stop() noexcept;

    /// Uses nobody will hear of, since the start.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    using Key = std::pair<std::uint64_t, std::uint64_t>;

    struct Recent {
        Id128 session;
        Generation generation = 0;
    };

    static constexpr std::size_t recent_entries = 4096;

    [[nodiscard]] static Key key_of(const Id128& session) { return {session.high, session.low}; }

    [[nodiscard]] std::vector<SeenGeneration> some(std::size_t at_most) const;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, Generation> waiting_;
    /// What was noted last, in the slot of its session: each worker meets a token anew.
    std::vector<Recent> recent_;
    bool stopped_ = false;
    std::atomic<std::uint64_t> dropped_{0};
};

} // namespace gatehouse::auth
