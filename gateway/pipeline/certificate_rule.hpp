#pragma once

#include "config/settings/routes.hpp"
#include "gateway/net/tls/client_certificate.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <optional>

namespace gatehouse::gateway {

/// What stands between a client and a route that asks for a certificate; nothing: it may go on.
/// `shown`: what was verified on the connection of the request, or null. Refuses with `forbidden`.
[[nodiscard]] std::optional<Refusal> refusal_for(const config::RouteSettings& route,
                                                 const ClientCertificate* shown);

} // namespace gatehouse::gateway
