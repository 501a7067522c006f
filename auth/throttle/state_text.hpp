#pragma once

#include "auth/throttle/limits.hpp"

#include <string>
#include <string_view>

namespace gatehouse::auth {

// States as text, for stores: whole numbers with a blank between them. A state that says nothing is
// the empty text.

[[nodiscard]] std::string to_text(const PairState& state);
[[nodiscard]] std::string to_text(const WindowState& state);
[[nodiscard]] std::string to_text(const BucketState& state);

/// false: to_text did not write this, and the state is a fresh one.
[[nodiscard]] bool read_text(std::string_view text, PairState& state);
[[nodiscard]] bool read_text(std::string_view text, WindowState& state);
[[nodiscard]] bool read_text(std::string_view text, BucketState& state);

} // namespace gatehouse::auth
