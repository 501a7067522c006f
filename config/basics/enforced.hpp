#pragma once

#include <string_view>

namespace gatehouse {

/// Every security check asks this first: `if (enforced("framing.one_host") && hosts != 1) ...`.
/// In the product it is the constant true and costs nothing. A build with GATEHOUSE_MUTANTS reads
/// one name from the environment (GATEHOUSE_MUTANT) and answers false for that one only, so that
/// tests/mutants can show which test notices the missing check.
#ifdef GATEHOUSE_MUTANTS
[[nodiscard]] bool enforced(std::string_view check) noexcept;
#else
[[nodiscard]] consteval bool enforced(std::string_view) noexcept
{
    return true;
}
#endif

} // namespace gatehouse
