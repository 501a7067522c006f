#include "gateway/service/manager_environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

constexpr int first_socket = 3; // behind the standard streams: SD_LISTEN_FDS_START

// More would be a mistake: each address is one, or one for each worker of the gateway before us.
constexpr int most_sockets = 4096;

constexpr std::array names{"LISTEN_PID",    "LISTEN_FDS",    "LISTEN_FDNAMES",
                           "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};

/// A variable that has to be a number; nothing where it is not set.
Result<std::optional<std::int64_t>, std::string> number(const config::Environment& environment,
                                                        std::string_view name, std::int64_t most)
{
    const auto text = config::find(environment, name);
    if (!text) return std::optional<std::int64_t>{};
    std::int64_t value = 0;
    const auto* end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, value);
    if (error == std::errc{} && stopped == end && value >= 0 && value <= most) {
        return std::optional(value);
    }
    return fmt::format("{} is \"{}\", which is not a number from 0 to {}; a service manager sets "
                       "it, nobody else should",
                       name, *text, most);
}

Result<int, std::string> sockets_of(const config::Environment& environment, pid_t self)
{
    const auto whose = number(environment, "LISTEN_PID", std::numeric_limits<pid_t>::max());
    if (!whose) return whose.error();
    const auto count = number(environment, "LISTEN_FDS", most_sockets);
    if (!count) return count.error();
    if (*whose != self || !*count) return 0;
    const auto names_given = config::find(environment, "LISTEN_FDNAMES");
    if (names_given && **count > 0) {
        const auto named = std::ranges::count(*names_given, ':') + 1;
        if (named != **count) {
            return fmt::format("LISTEN_FDNAMES names {} descriptors and LISTEN_FDS counts {}",
                               named, **count);
        }
    }
    return static_cast<int>(**count);
}

Result<std::chrono::microseconds, std::string> watchdog_of(const config::Environment& environment,
                                                           pid_t self)
{
    const auto whose = number(environment, "WATCHDOG_PID", std::numeric_limits<pid_t>::max());
    if (!whose) return whose.error();
    const auto limit =
        number(environment, "WATCHDOG_USEC", std::numeric_limits<std::int64_t>::max());
    if (!limit) return limit.error();
    // Without WATCHDOG_PID it is meant for whoever reads it.
    const bool is_ours = whose->value_or(self) == self;
    return std::chrono::microseconds(is_ours ? limit->value_or(0) : 0);
}

} // namespace

Result<ManagerEnvironment, std::string>
ManagerEnvironment::read(const config::Environment& environment, pid_t self)
{
    const auto sockets = sockets_of(environment, self);
    if (!sockets) return sockets.error();
    const auto watchdog = watchdog_of(environment, self);
    if (!watchdog) return watchdog.error();
    ManagerEnvironment found;
    found.sockets = *sockets;
    found.watchdog = *watchdog;
    found.notify_socket = config::find(environment, "NOTIFY_SOCKET").value_or("");
    return found;
}

void ManagerEnvironment::forget()
{
    for (const auto* name : names) ::unsetenv(name);
}

Result<GivenSockets, std::string> take_sockets(const ManagerEnvironment& environment)
{
    std::vector<FileDescriptor> sockets;
    for (int i = 0; i < environment.sockets; ++i) sockets.emplace_back(first_socket + i);
    return GivenSockets::from(std::move(sockets));
}

} // namespace gatehouse::gateway
