#pragma once

#include "config/yaml/node.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// What one service of a compose file says about itself.
struct ComposeService {
    std::string name;
    std::optional<std::uint16_t> port; // inside its container; nothing: no route
    bool tls = false;                  // it is one for HTTPS
    bool published = false;            // by `ports`, and not by `expose` alone
    std::string reason;                // without a port: why
};

/// Judges a service by its image and its ports.
[[nodiscard]] ComposeService judge_service(const std::string& name, const config::Node& service);

/// The port inside the container of `[address:][published:]port[/protocol]`, where it is TCP. A
/// variable counts as its default.
[[nodiscard]] std::optional<std::uint16_t> container_port(std::string_view mapping);

} // namespace gatehouse::gateway
