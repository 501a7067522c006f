#pragma once

#include "gateway/headers/header_policy.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

namespace gatehouse::gateway {

/// What nginx' auth_request, Traefik's ForwardAuth and Envoy's ext_authz ask: 200 with the identity
/// fields, or 401 or 403. A peer in `trusted_proxies` may name the original request by
/// X-Forwarded-Method/-Uri/-Host or X-Original-Method/-URL; for anybody else the token is judged
/// as on a route with `auth: required`.  R24
[[nodiscard]] LocalResponse answer_verify(const LocalRequest& request, const HeaderPolicy& policy,
                                          auth::Seconds now);

} // namespace gatehouse::gateway
