#pragma once

#include "config/settings/terms.hpp"

namespace gatehouse::config {

/// What the process gives up of what it could do.
enum class SandboxMode { as_far_as_possible, off, required };

constexpr auto words(SandboxMode)
{
    using enum SandboxMode;
    return std::array{
        Word{"auto",     as_far_as_possible},
        Word{"off",      off               },
        Word{"required", required          }
    };
}

} // namespace gatehouse::config
