#pragma once

#include "config/settings/settings.hpp"
#include "gateway/upstream/target.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Those of all upstreams and routes by their URLs, each once; of two upstreams with other TLS
/// terms both.
[[nodiscard]] std::vector<std::pair<std::string, EndpointTarget>>
endpoints_of(const config::Settings& settings);

/// Where the name of an endpoint leads to, if a server of its own (`resolve.server`) knows that:
/// the system may know it as another one, or not at all.
void look_up(EndpointTarget& endpoint);

/// Connects, with TLS where it is secure. What went wrong; empty: nothing.
[[nodiscard]] std::string try_endpoint(const EndpointTarget& endpoint,
                                       std::chrono::milliseconds deadline);

} // namespace gatehouse::gateway
