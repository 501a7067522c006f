#pragma once

#include "config/basics/secret.hpp"
#include "config/settings/contract.hpp"
#include "gateway/net/task.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/pipeline/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// What decide() found where a request lacks nothing but an access token that is still good.
/// Views into its head.
struct Renewal {
    std::string_view refresh_token; // empty: there is nothing to renew with
    /// No field says which page asks, so this has to be the session's CSRF token.
    bool needs_proof = false;
    std::string_view csrf_token;
    config::BadTokenStatus bad_token{}; // the status of a refusal
};

struct Renewed {
    Secret access_token;
    std::vector<std::pair<std::string, std::string>> fields; // Set-Cookie: new ones, or the end
    std::optional<Refusal> refusal;
};

/// Exchanges the refresh token of a cookie while its request waits. One for all workers.
class SessionRenewer {
public:
    virtual ~SessionRenewer() = default;
    /// Refuses: token_expired / _revoked / _invalid, origin_forbidden, store_unavailable,
    /// overloaded. `request` says who asks; its `deciding` is not set.
    virtual Task<Renewed> renew(const Renewal& renewal, const LocalRequest& request) = 0;
};

} // namespace gatehouse::gateway
