#pragma once

#include "auth/store/store_meter.hpp"

#include <array>
#include <chrono>
#include <cstddef>

namespace gatehouse::auth {

/// What one job asked of stores, for whoever follows a request through them. Nothing of what was
/// asked for: which store, reading or writing, from when to when.
class StoreNotes {
public:
    /// More calls than any call of the auth API makes; what comes behind them is not noted.
    static constexpr std::size_t most = 16;

    struct Note {
        StoreMeter::System system{};
        StoreMeter::Kind kind{};
        bool failed = false;
        std::chrono::steady_clock::time_point began{};
        std::chrono::steady_clock::time_point ended{};
    };

    void add(const Note& note) noexcept
    {
        if (count_ < most) notes_[count_++] = note;
    }

    void clear() noexcept { count_ = 0; }

    [[nodiscard]] const Note* begin() const noexcept { return notes_.data(); }

    [[nodiscard]] const Note* end() const noexcept { return notes_.data() + count_; }

    /// While it lives, the calls that this thread makes are noted there; null: nobody notes them.
    class Here {
    public:
        explicit Here(StoreNotes* notes) noexcept;
        Here(const Here&) = delete;
        Here& operator=(const Here&) = delete;
        ~Here();

    private:
        StoreNotes* before_;
    };

    /// Where the calls of this thread are noted, or null.
    [[nodiscard]] static StoreNotes* of_this_thread() noexcept;

private:
    std::array<Note, most> notes_;
    std::size_t count_ = 0;
};

} // namespace gatehouse::auth
