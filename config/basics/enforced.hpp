#pragma once

#include <string_view>
#ifdef GATEHOUSE_MUTANTS
#include <set>
#endif

namespace gatehouse {

/// Every security check asks this first: `if (enforced("framing.one_host") && hosts != 1) ...`.
/// In the product it is the constant true and costs nothing. A build with GATEHOUSE_MUTANTS reads
/// one name from the environment (GATEHOUSE_MUTANT) and answers false for that one only, so that
/// tests/mutants can show which test notices the missing check.
#ifdef GATEHOUSE_MUTANTS
[[nodiscard]] bool enforced(std::string_view check) noexcept; // a literal: views of it are kept

/// From now on it is noted who is asked for; called before there are other threads.
void note_asked_checks() noexcept;
/// The names since the last call.
[[nodiscard]] std::set<std::string_view> take_asked_checks();
#else
[[nodiscard]] consteval bool enforced(std::string_view) noexcept
{
    return true;
}
#endif

} // namespace gatehouse
