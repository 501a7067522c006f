#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace gatehouse::gateway {

/// How many connections are open by address, for all workers. Holds no more addresses than there
/// are connections, whose number has a limit of its own.
class AddressCounts {
public:
    /// One more, of at most so many; false: there are that many.
    [[nodiscard]] bool take(std::uint64_t address, std::uint32_t most);
    void give_back(std::uint64_t address) noexcept;

private:
    /// Locked for a moment when a connection comes or goes: workers seldom meet.
    static constexpr std::size_t parts = 64;

    struct Part {
        std::mutex mutex;
        std::unordered_map<std::uint64_t, std::uint32_t> open; // guarded by mutex
    };

    [[nodiscard]] Part& part_of(std::uint64_t address) noexcept { return parts_[address % parts]; }

    std::array<Part, parts> parts_;
};

} // namespace gatehouse::gateway
