#pragma once

#include "config/settings/settings.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// A name that is looked up beside the requests.
struct WatchedName {
    std::string host;
    std::string server; // to ask; "": as the system does
    std::chrono::milliseconds every{};

    friend bool operator==(const WatchedName&, const WatchedName&) = default;
};

/// What names stand for, by name_key(): addresses as ask_dns() has them. A name that was never
/// answered is not in it. One for the whole process; whoever changes it makes a new one.
using NameBook = std::map<std::string, std::vector<std::string>>;

[[nodiscard]] std::string name_key(std::string_view host, std::string_view server);

/// The names that upstreams have looked up so, by name_key(). Of two that want the same one, who
/// wants it more often decides.
[[nodiscard]] std::map<std::string, WatchedName> watched_names(const config::Settings& settings);

} // namespace gatehouse::gateway
