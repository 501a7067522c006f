#pragma once

#include "gateway/headers/header_policy.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

namespace gatehouse::gateway {

struct VerifyTerms {
    const config::Settings& settings;
    const HeaderPolicy& policy;
    std::string_view path; // of the call, without a slash at its end
};

/// What nginx' auth_request, Traefik's ForwardAuth, Caddy's forward_auth and Envoy's ext_authz ask:
/// 200 with the identity fields, or 401 or 403. A peer in `trusted_proxies` may name the original
/// request: by X-Forwarded-Method/-Uri/-Host, by X-Original-Method/-URL/-URI, or as the request it
/// sends, behind the path of this call. Whoever contradicts himself gets 403. For anybody else the
/// token is judged as on a route with `auth: required`. Where the answer reaches the client as it
/// is, `login: redirect` sends browsers to sign in, and a route with `redirect` everybody who may
/// use it; elsewhere that is 403, for no service may get the request.  R24
[[nodiscard]] LocalResponse answer_verify(const LocalRequest& request, const VerifyTerms& terms,
                                          auth::Seconds now);

} // namespace gatehouse::gateway
