#pragma once

#include "config/settings/settings.hpp"
#include "gateway/runtime/reloader.hpp"
#include "gateway/runtime/worker.hpp"
#include "gateway/service/watchdog.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

/// The event loops that the service manager's watchdog asks about.
[[nodiscard]] std::vector<Watched> loops_of(const std::vector<std::unique_ptr<Worker>>& workers);

} // namespace gatehouse::gateway
