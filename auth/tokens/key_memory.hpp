#pragma once

#include "auth/tokens/key_place.hpp"

#include <utility>

namespace gatehouse::auth {

/// Keys that die with this process.
class KeyMemory final : public KeyPlace {
public:
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() override { return kept_; }

    [[nodiscard]] Result<KeySet, KeyError> update(const Change& change) override
    {
        if (auto changed = change(kept_)) kept_ = std::move(changed);
        if (!kept_) return KeyError("no keys were made yet");
        return *kept_;
    }

    [[nodiscard]] Habits habits() const noexcept override { return {}; }

private:
    std::optional<KeySet> kept_;
};

} // namespace gatehouse::auth
