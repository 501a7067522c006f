#pragma once

#include "auth/store/leases.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// What an operator wants to know of a store before and after touching it. Holds no secret.
struct StoreStatus {
    /// What is in the tables, once there are any.
    struct Contents {
        std::uint64_t users = 0;
        std::uint64_t live_sessions = 0;   // neither ended nor expired
        std::string sessions_at{};         // where they are; empty: with the accounts
        std::uint64_t newest_change = 0;   // its number; 0: there never was one
        std::optional<Millis> changed_at;  // when; nothing: it is forgotten, or never was
        std::vector<Leases::Lease> leases; // those that run
    };

    std::string kind;               // "SQLite", "PostgreSQL"
    std::int64_t version = 0;       // of the tables; 0: there are none yet
    std::int64_t usable_from = 0;   // the oldest version of a program that can work with them
    std::int64_t known_version = 0; // what this program makes of them when it opens the store
    std::optional<Contents> contents{};
};

} // namespace gatehouse::auth
