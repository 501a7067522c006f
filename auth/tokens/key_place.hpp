#pragma once

#include "auth/tokens/key_set.hpp"
#include "config/basics/result.hpp"

#include <functional>
#include <optional>

namespace gatehouse::auth {

/// Where the keys of a ring are kept: this process's memory, a file, the environment, a folder
/// that others fill, the store. Calls block; one at a time, which KeyKeeper sees to.
class KeyPlace {
public:
    virtual ~KeyPlace() = default;

    /// Nothing: no keys were made yet. Errors are sentences that name the place.
    [[nodiscard]] virtual Result<std::optional<KeySet>, KeyError> read() = 0;

    /// From what is kept to what shall be kept; nothing: it stays as it is. May be asked again,
    /// when somebody else was faster.
    using Change = std::function<std::optional<KeySet>(const std::optional<KeySet>& kept)>;

    /// Reads, changes and keeps, as if no other process did so at the same time; durable before it
    /// returns what is kept then. Error: also where others make the keys.
    [[nodiscard]] virtual Result<KeySet, KeyError> update(const Change& change) = 0;

    struct Habits {
        /// Keys are made and rotated here, and not by somebody else.
        bool ours = true;
        /// They change without anybody telling: look again every few seconds. With `ours`: other
        /// gateways read them too, so that a new key signs only after all could have read it.
        bool watched = false;
        /// update() tells the other gateways; else KeyNews::announce_keys has to.
        bool announced = false;
    };

    [[nodiscard]] virtual Habits habits() const noexcept = 0;
};

} // namespace gatehouse::auth
