#pragma once

#include "config/settings/settings.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// The names this gateway answers for, taken from the settings once.
struct HeaderPolicy {
    explicit HeaderPolicy(const config::Settings& settings);

    std::string identity_header; // as it is written to backends
    std::string identity_folded; // as it is compared
    bool session_header = false;
    bool roles_header = false;
    std::vector<std::string> claim_headers;       // in the order of auth::ToldClaims::texts
    std::vector<std::string> certificate_headers; // of all listeners
    std::string proof_header;                     // of the signed identity; empty: there is none
    std::vector<std::string> more_folded;  // further names of an identity, as they are compared
    std::string own_trailers;              // all of them with commas between: no trailer's names
    std::size_t most_identity_bytes = 0;   // that all identity fields of one head may take
    std::vector<std::string> cookie_names; // of our own cookies; those with tokens come first
    std::size_t kept_cookies = 1;          // of those, at the end: for no upstream on any route
    std::size_t guarded_cookies = 0;       // of those, at the end: that no upstream may set

private:
    void own_certificate_headers(const config::ListenSettings& listen);
    void own(const std::string& name, std::size_t most_bytes);
};

/// A name that tells backends who the user is, in any spelling that folds to it: a client's field
/// of that name is never forwarded, whether we write one or not.  R20
[[nodiscard]] bool is_identity_name(std::string_view name, const HeaderPolicy& policy) noexcept;

/// A name that tells backends where a request came from: X-Request-Id, Forwarded, X-Forwarded-*,
/// X-Real-IP, and what some servers take for its path (SCRIPT_NAME, X-Original-URL, ...).
[[nodiscard]] bool is_forwarding_name(std::string_view name) noexcept;

} // namespace gatehouse::gateway
