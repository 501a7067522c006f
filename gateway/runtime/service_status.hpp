#pragma once

#include "config/settings/settings.hpp"
#include "gateway/runtime/reloader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

// What operators read in `systemctl status`, in one line. All users of the machine can: there is
// no credential in it.

inline constexpr std::string_view waiting_status = "waiting for the store; the log says why";
inline constexpr std::string_view draining_status = "draining: running requests complete, no new "
                                                    "ones are wanted";

[[nodiscard]] std::string serving_status(const config::Settings& running, std::uint64_t generation);

/// After a reload: what is in force now, and what is not.
[[nodiscard]] std::string reload_status(const config::Settings& running,
                                        const ReloadReport& report);

} // namespace gatehouse::gateway
