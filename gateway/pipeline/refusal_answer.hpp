#pragma once

#include "config/settings/contract.hpp"
#include "gateway/headers/downstream_head.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// What a refusal's answer needs to know of the request it answers.
struct RefusedRequest {
    std::string_view request_id;   // as RequestId makes them: nothing in it needs an escape
    std::string_view content_type; // of a request to an upstream: gRPC gets a status of its own
    Delivery delivery;             // its `body` is not read: the refusal knows its own length
    ExtraFields fields;            // cookies to clear and the like
    config::ErrorBody shape = config::ErrorBody::full;
};

/// The whole answer, head and body:
/// `{"error":{"status":401,"code":"token_expired","message":"jwt expired","requestId":"..."}}`,
/// or what the contract has instead, with WWW-Authenticate, Allow and Retry-After where they
/// belong. HEAD gets the head alone. Requests of `application/grpc*` get 200 and a grpc-status
/// instead. 429 and 503 always say when to come back.  R38; RFC 6750, 3
void write_refusal(HeadWriter& out, const Refusal& refusal, const RefusedRequest& request);

} // namespace gatehouse::gateway
