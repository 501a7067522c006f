#pragma once

#include "gateway/headers/upstream_head.hpp"

namespace gatehouse::gateway {

/// What a forwarded head says of where the request came from: X-Request-Id and X-Forwarded-*.
void write_forwarding_fields(HeadWriter& out, const RequestHead& head,
                             const Forwarding& forwarding);

} // namespace gatehouse::gateway
