#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Key material that all processes share: one row per name, encrypted before it comes here, and
/// opaque to the store. The same promises as UserStore.
class KeptKeys {
public:
    virtual ~KeptKeys() = default;

    struct Kept {
        std::uint64_t version = 0; // counts the replacements, from 1
        std::string bytes;

        bool operator==(const Kept&) const = default;
    };

    [[nodiscard]] virtual Result<std::optional<Kept>, StoreError>
    read_keys(std::string_view name) = 0;
    /// One conditional write: `expected` becomes expected + 1 with these bytes, and the feed says
    /// that keys changed. `expected` 0: nothing was kept under this name yet. false: another
    /// version is there; nothing was changed.
    [[nodiscard]] virtual Result<bool, StoreError> replace_keys(std::string_view name,
                                                                std::uint64_t expected,
                                                                std::string_view bytes,
                                                                Millis now) = 0;
};

} // namespace gatehouse::auth
