#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/store_error.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace gatehouse::auth {

/// Short texts by key that every process on this store reads and changes as if it were the only
/// one: how often somebody tried. The same promises as UserStore but one: a server that crashes, or
/// is replaced by another, may forget the last moments.
class SharedStates {
public:
    virtual ~SharedStates() = default;

    /// `states` are those of the keys, in their order; empty: there is none. `now` is the time of
    /// the store's server, the same for all who ask, whatever their own clocks say. An error leaves
    /// all as it was, and is the caller's answer.
    using Change =
        std::function<Result<void, StoreError>(std::span<std::string> states, Millis now)>;

    /// Lets `change` see and change the states of these keys, no two of which are equal, all of
    /// them at one moment. It is asked again where others changed them meanwhile, and what it did
    /// last counts; where it changes nothing nothing is written, and nobody waits for anybody. A
    /// state is forgotten `kept` after it was last changed.
    [[nodiscard]] virtual Result<void, StoreError> change(std::span<const std::string> keys,
                                                          std::chrono::milliseconds kept,
                                                          const Change& change) = 0;

    /// Removes what is to be forgotten, at most so many. true: there may be more.
    [[nodiscard]] virtual Result<bool, StoreError> forget_old(std::size_t at_most) = 0;
};

} // namespace gatehouse::auth
