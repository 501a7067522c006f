#pragma once

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// A service that gets a route.
struct PlannedRoute {
    std::string match;        // `/**`
    std::string to;           // a URL
    std::string strip_prefix; // empty: the path is passed on as it is
};

/// What `init` found in a compose file and left out, and why.
struct SkippedService {
    std::string name;
    std::string reason;
};

/// What a new configuration shall say. All texts are meant literally.
struct Plan {
    std::string listen = "0.0.0.0:8080";
    std::string certificate; // empty: plain HTTP
    std::string key;
    std::string redirect; // where plain clients are sent to HTTPS; empty: nowhere
    std::string store = "sqlite:gatehouse.db";
    std::string registration = "invite";
    std::string issuer; // empty: made of `listen`
    std::vector<PlannedRoute> routes;
    /// From a compose file: its name, and what of it is not served.
    std::string compose_file;
    std::vector<SkippedService> skipped;
};

/// A whole commented configuration. `schema` is where editors find the schema of it.
[[nodiscard]] std::string configuration_text(const Plan& plan, const std::string& schema);

/// The text as one YAML scalar that the reader takes back as the same text.
[[nodiscard]] std::string yaml_scalar(const std::string& text);

} // namespace gatehouse::gateway
