#pragma once

#include "gateway/cache/keyed_request.hpp"
#include "gateway/pipeline/serve_exchange.hpp"

#include <span>
#include <string>

namespace gatehouse::gateway {

/// What tells the answer to this request apart. Views into the exchange and its settings.
[[nodiscard]] AskedFacts cache_facts(const Exchange& exchange, std::span<const std::string> vary);

} // namespace gatehouse::gateway
