#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// How many requests were counted in the last `per`, at which any time as long as `per` never has
/// more than that. Time is cut into 32 parts: what was counted in one is forgotten `per` after its
/// end, so a little late and never early. Pure: any clock that does not go back.
class QuotaWindow {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr std::int64_t parts = 32;

    QuotaWindow() = default;
    explicit QuotaWindow(Time per) noexcept;

    /// Counts requests as of `at`, which may lie ahead of what was counted before.
    void add(Time at, std::uint32_t requests) noexcept;

    /// What counts at `now`, what lies ahead included.
    [[nodiscard]] std::uint32_t used(Time now) noexcept;

    /// When some of it is forgotten; `now` if there is nothing.
    [[nodiscard]] Time next_change(Time now) noexcept;

    /// The same for a time of another length: all that counts, as if it were of `now`.
    [[nodiscard]] QuotaWindow with(Time per, Time now) noexcept;

    [[nodiscard]] Time per() const noexcept { return part_ * parts; }

    // As text, for stores: whole numbers with blanks between them.

    [[nodiscard]] std::string text() const;
    /// false: that is no such text; this is empty then, as before.
    [[nodiscard]] bool read(std::string_view text) noexcept;

private:
    // The part of now, those of `per`, and as many again that lie ahead.
    static constexpr std::size_t places = 2 * parts + 2;

    [[nodiscard]] std::int64_t part_of(Time at) const noexcept { return at / part_; }

    [[nodiscard]] std::uint32_t& count_of(std::int64_t part) noexcept
    {
        return counts_[static_cast<std::size_t>(part) % places];
    }

    void move_to(std::int64_t newest) noexcept;

    Time part_{1};
    std::int64_t newest_ = 0;
    std::array<std::uint32_t, places> counts_{};
};

} // namespace gatehouse::gateway
