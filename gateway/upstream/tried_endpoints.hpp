#pragma once

#include <array>
#include <cstddef>

namespace gatehouse::gateway {

class EndpointPool;

/// The endpoints that one request was already sent to, or could not be sent to. Room for as many
/// as anybody would wait for; when it is full, no other one is tried.
class TriedEndpoints {
public:
    static constexpr std::size_t most = 16;

    void add(const EndpointPool& pool) noexcept
    {
        if (count_ < most) pools_[count_++] = &pool;
    }

    [[nodiscard]] bool contains(const EndpointPool& pool) const noexcept
    {
        for (std::size_t i = 0; i < count_; ++i) {
            if (pools_[i] == &pool) return true;
        }
        return false;
    }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }

    [[nodiscard]] bool is_full() const noexcept { return count_ == most; }

private:
    std::size_t count_ = 0;
    std::array<const EndpointPool*, most> pools_; // the first `count_`; no others are looked at
};

} // namespace gatehouse::gateway
