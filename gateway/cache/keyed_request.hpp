#pragma once

#include "gateway/headers/header_policy.hpp"
#include "gateway/http/head.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

struct HeaderPlan;

/// What tells answers apart besides the head that is sent to the upstream.
struct AskedFacts {
    std::uint64_t generation = 0; // of the settings: others may mean something else
    std::size_t route = 0;        // its place among them
    std::string_view upstream;    // where it leads to
    std::string_view scheme;      // of the client
    std::string_view host;        // the same, as it is believed
    std::string_view path;        // as judged, before anything is taken off or rewritten
    std::string_view query;
    std::string_view user;               // the verified one; "": nobody
    unsigned issuer = 0;                 // who says so
    std::string_view api_key;            // its id, where it came with one
    std::span<const std::string> vary;   // `routes[].cache.vary`
    const HeaderPlan* changes = nullptr; // of the request, by its route; null: none
};

/// What is forgotten when it may have changed: a part of every key of it.
[[nodiscard]] std::string resource_key(const AskedFacts& facts);

/// A request by what its answer may depend on: the very head that its upstream would get. Every
/// field of it that is not known to be neutral is part of the keys, so that nobody can leave an
/// answer to a header that others did not send. Parts have their length in front of them: no two
/// requests that differ have one key.
struct KeyedRequest {
    KeyedRequest() = default;
    /// `head`: a request as write_upstream_head() writes it.
    KeyedRequest(std::string_view head, const AskedFacts& facts, const HeaderPolicy& policy);

    KeyedRequest(const KeyedRequest&) = delete;
    KeyedRequest& operator=(const KeyedRequest&) = delete;

    std::string head;
    std::vector<Field> fields; // of it
    std::string resource;      // which is forgotten when it may have changed
    std::string for_all;       // within it: what anybody may get
    std::string for_user;      // the same with all that tells the upstream who asks
    bool has_user = false;
    bool is_personal = false; // cookies or credentials of the service's own go with it
    bool is_too_long = false; // for a key
};

/// A name that Vary may not lead to: it is of the connection, or of ours, or of every request
/// another.
enum class VaryName : std::uint8_t {
    plain,
    of_user, // tells who asks
    endless  // no two requests are alike in it
};

[[nodiscard]] VaryName vary_name(std::string_view name, const HeaderPolicy& policy) noexcept;

} // namespace gatehouse::gateway
