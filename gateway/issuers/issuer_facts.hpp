#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::gateway {

/// How the keys of an issuer that are fetched do.
struct IssuerFacts {
    std::string name;
    std::size_t keys = 0; // that count now
    /// Since its keys were fetched last; nothing: never.
    std::optional<double> age_seconds{};
    std::uint64_t fetched = 0;
    std::uint64_t failures = 0;
};

} // namespace gatehouse::gateway
