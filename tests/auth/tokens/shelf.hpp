#pragma once

#include "auth/store/kept_keys.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::auth::testing {

/// One row of kept keys in memory, which a test may break or change behind somebody's back.
class Shelf final : public KeptKeys {
public:
    Result<std::optional<Kept>, StoreError> read_keys(std::string_view name) override
    {
        const std::lock_guard guard(mutex_);
        if (is_down) return StoreError::unavailable;
        if (!row || name != name_) return std::optional<Kept>();
        return row;
    }

    Result<bool, StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                          std::string_view bytes, Millis) override
    {
        // Somebody else is faster, once.
        if (const auto faster = std::exchange(before_replace, nullptr)) faster();
        const std::lock_guard guard(mutex_);
        if (is_down) return StoreError::unavailable;
        if (expected != (row ? row->version : 0)) return false;
        name_ = name;
        row = Kept{expected + 1, std::string(bytes)};
        return true;
    }

    std::optional<Kept> row;
    bool is_down = false;
    std::function<void()> before_replace;

private:
    std::mutex mutex_;
    std::string name_;
};

} // namespace gatehouse::auth::testing
