#pragma once

#include "config/settings/identity.hpp"

#include <span>
#include <string>

namespace gatehouse::auth {

/// The values of a claim as the one text that a header carries; empty: they stay at home, all of
/// them, for a part of a claim would say something else. Travels: printable ASCII without blanks
/// around it, within the header's size, and where values are joined none that has the separator in
/// it.  R22
[[nodiscard]] std::string claim_text(std::span<const std::string> values,
                                     const config::ClaimHeader& header);

} // namespace gatehouse::auth
