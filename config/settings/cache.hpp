#pragma once

#include "config/settings/terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::config {

/// What all answers that are kept may take. YAML: `cache`.
struct CacheSettings {
    std::uint64_t memory_bytes = 64 * MiB;
    std::uint32_t entries = 100'000;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = CacheSettings;
        table.key("memory", &Self::memory_bytes, bytes(MiB, 64 * 1024 * MiB),
                  "What all answers that are kept may take together, with those that are just "
                  "being read or sent; whoever was not asked for longest goes first.");
        table.key("entries", &Self::entries, count(1, 10'000'000),
                  "How many answers are kept at most.");
    }
};

/// Which answers of a route are kept, and for whom. YAML: `routes[].cache`.
struct RouteCacheSettings {
    bool shared = false;
    std::chrono::seconds fresh_for{};
    std::vector<std::string> vary;
    std::uint64_t max_body_bytes = MiB;
    std::chrono::seconds stale_while_revalidate{};
    std::chrono::seconds stale_if_error{};
    std::chrono::milliseconds wait = 5s;

    template <class Table>
    static void describe(Table& table)
    {
        using Self = RouteCacheSettings;
        table.key("shared", &Self::shared, AsTyped{},
                  "`true`: answers are the same for all users, whatever they say of that, unless "
                  "they say `private`. `false`: only those are that say `public`.");
        table.key("fresh_for", &Self::fresh_for, between(0s, 365 * 24h),
                  "How long an answer (200, 203, 301, 308) is fresh that says nothing about it. 0: "
                  "it is not kept.");
        table.key("vary", &Self::vary, forms::header_name,
                  "Request headers that tell answers apart, besides those that answers name in "
                  "`Vary`.");
        table.key("max_body", &Self::max_body_bytes, bytes(1, 1024 * MiB),
                  "Longer answers are not kept.");
        table.key("stale_while_revalidate", &Self::stale_while_revalidate, between(0s, 24h),
                  "So long after its time an answer still goes to those who come while one request "
                  "asks anew. What an answer says of that counts where it is longer.");
        table.key("stale_if_error", &Self::stale_if_error, between(0s, 30 * 24h),
                  "So long after its time it is the answer where the upstream has none but an "
                  "error. What an answer says of that counts where it is longer.");
        table.key("wait", &Self::wait, between(0ms, 1min),
                  "How long requests wait for one that fetches what they all want, before each "
                  "goes by itself. 0: they do not wait.");
    }
};

} // namespace gatehouse::config
