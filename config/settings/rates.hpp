#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::config {

/// What requests are counted by. YAML: `by`.
enum class RateBy : std::uint8_t { user, session, address, header, route };

/// `user`, or `header:X-Tenant`.
struct RateKey {
    RateBy by = RateBy::user;
    std::string_view header; // its name, of `header`
};

/// Of a text that has the form `forms::rate_by`; anything else is `route`.
[[nodiscard]] RateKey rate_key_of(std::string_view text) noexcept;

/// How many requests may come. YAML: `rates.<name>`, and a member of `routes[].rate`.
struct RateSettings {
    std::string by;
    std::uint32_t requests = 0;
    std::chrono::seconds per = 1s;
    std::uint32_t burst = 0; // 0: `requests`
    bool tell = false;
    bool shared = false;

    [[nodiscard]] std::uint32_t at_once() const noexcept { return burst != 0 ? burst : requests; }

    friend bool operator==(const RateSettings&, const RateSettings&) = default;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RateSettings;
        table.required("by", &Self::by, forms::rate_by,
                       "Whose requests are counted together: those of a user, a session, a "
                       "client's address (IPv6: its /64), of equal values of a header, or all. "
                       "What has no user, session or header counts by its address.");
        table.required("requests", &Self::requests, count(1, 1'000'000),
                       "So many requests for each `per`, evenly; 429 above it.");
        table.key("per", &Self::per, between(1s, 24h), "The time of `requests`.");
        table.key("burst", &Self::burst, count(0, 1'000'000),
                  "How many may come at once after a pause; 0: as many as `requests`.");
        table.key("tell", &Self::tell, AsTyped{},
                  "Whether answers that pass say how much is left (`RateLimit`), as a 429 does.");
        table.key("shared", &Self::shared, AsTyped{},
                  "Whether gateways on one PostgreSQL or Redis count together. No request waits "
                  "for that: counts are exchanged in the background.");
    }
};

} // namespace gatehouse::config
