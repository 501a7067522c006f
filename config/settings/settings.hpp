#pragma once

#include "config/settings/identity.hpp"
#include "config/settings/traffic.hpp"

namespace gatehouse::config {

/// Everything one YAML file says, checked and frozen. A reload builds a new one.
struct Settings {
    std::vector<ListenSettings> listen{ListenSettings{}};
    std::string admin = "127.0.0.1:9901";      // "off" switches it off
    std::uint32_t workers = 0;                 // 0: cores, or the cgroup's CPU limit rounded up
    std::string store = "sqlite:gatehouse.db"; // "memory", "sqlite:PATH"
    Registration registration = Registration::open;
    std::vector<std::string> trusted_proxies; // CIDR
    AuthApiSettings auth;
    std::optional<CorsSettings> auth_cors; // YAML: `auth.cors`
    TokenSettings tokens;
    RefreshSettings refresh;
    SessionSettings sessions;
    PasswordSettings passwords;
    ThrottleSettings throttle;
    IdentitySettings identity;
    LimitSettings limits;
    DeadlineSettings deadlines;
    DrainSettings drain;
    LogSettings log;
    std::map<std::string, UpstreamSettings> upstreams;
    std::vector<RouteSettings> routes;
};

} // namespace gatehouse::config
