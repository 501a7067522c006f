// What metrics tell of accounts, tokens, keys and stores.
#include "gateway/observe/metrics.hpp"

#include <span>
#include <utility>

namespace gatehouse::gateway {
namespace {

using enum MetricType;
using StoreKind = auth::StoreMeter::Kind;

void write_calls(MetricsWriter& out, const std::vector<AuthOutcomes::Count>& calls)
{
    out.family("gatehouse_auth_calls", counter,
               "Calls of the auth API by what came of them: ok, or the code of the refusal.");
    for (const auto& [call, outcome, times] : calls) {
        out.sample(
            {
                {"call",    call   },
                {"outcome", outcome}
        },
            times);
    }
}

void write_hashes(MetricsWriter& out, const auth::PasswordHasher::Load& load)
{
    out.single("gatehouse_hash_places", gauge, "Calls that may wait for a hash (passwords.queue).",
               std::uint64_t{load.budget.places});
    out.single("gatehouse_hash_places_taken", gauge, "Calls that wait for a hash or compute one.",
               std::uint64_t{load.budget.taken_places});
    out.single("gatehouse_hash_running", gauge, "Hashes being computed now.", load.running);
    out.single("gatehouse_hash_rejected", counter,
               "Calls that found no place or no memory for a hash in time.", load.budget.refused);
    out.family("gatehouse_hash_duration_seconds", histogram,
               "What computing one password hash took.");
    out.histogram({}, load.took);
}

std::span<const std::pair<StoreKind, std::string_view>> kinds_of(const StoreFacts& store)
{
    using Named = std::pair<StoreKind, std::string_view>;
    static constexpr Named sql[] = {
        {StoreKind::read,  "read" },
        {StoreKind::write, "write"}
    };
    static constexpr Named redis[] = {
        {StoreKind::command, "command"}
    };
    return store.is_redis ? std::span<const Named>(redis) : std::span<const Named>(sql);
}

void write_stores(MetricsWriter& out, const std::vector<StoreFacts>& stores)
{
    out.family("gatehouse_store_call_duration_seconds", histogram,
               "Calls to a store, from the call to its answer, waiting for a connection included.");
    for (const auto& store : stores) {
        for (const auto& [kind, name] : kinds_of(store)) {
            out.histogram(
                {
                    {"store", store.name},
                    {"kind",  name      }
            },
                store.meter->of(kind).took);
        }
    }
    out.family("gatehouse_store_call_errors", counter,
               "Calls that the store did not answer, or not in time.");
    for (const auto& store : stores) {
        for (const auto& [kind, name] : kinds_of(store)) {
            out.sample(
                {
                    {"store", store.name},
                    {"kind",  name      }
            },
                store.meter->of(kind).errors);
        }
    }
    out.family("gatehouse_store_calls_in_flight", gauge,
               "Calls to a store that wait or are being done.");
    for (const auto& store : stores) {
        out.sample(
            {
                {"store", store.name}
        },
            store.meter->in_flight());
    }
    out.family("gatehouse_store_connections_limit", gauge,
               "Connections there may be to a server; SQLite has no limit and no sample.");
    for (const auto& store : stores) {
        const std::uint64_t most = store.meter->connections();
        if (most != 0)
            out.sample(
                {
                    {"store", store.name}
            },
                most);
    }
}

void write_feeds(MetricsWriter& out, const std::vector<FeedFacts>& feeds)
{
    out.family("gatehouse_change_feed_lag_seconds", gauge,
               "Since all changes by other processes were last known.");
    for (const auto& feed : feeds)
        out.sample(
            {
                {"feed", feed.name}
        },
            feed.lag_seconds);
    out.family("gatehouse_change_feed_sequence", gauge,
               "Number of the last change heard; replicas that know the same show the same.");
    for (const auto& feed : feeds)
        out.sample(
            {
                {"feed", feed.name}
        },
            feed.sequence);
    out.family("gatehouse_revocation_lag_seconds", histogram,
               "From a change (a logout, a block) to when the feed applied it here, by both "
               "clocks.");
    for (const auto& feed : feeds)
        out.histogram(
            {
                {"feed", feed.name}
        },
            feed.ages);
}

void write_key_counts(MetricsWriter& out, std::string_view use, std::span<const auth::RingKey> keys)
{
    using enum auth::KeyState;
    for (const auto state : {next, active, retired}) {
        std::uint64_t count = 0;
        for (const auto& key : keys) count += key.state == state ? 1 : 0;
        out.sample(
            {
                {"use",   use             },
                {"state", to_string(state)}
        },
            count);
    }
}

void write_keys(MetricsWriter& out, const KeyFacts& keys)
{
    if (!keys.ring) return;
    out.family("gatehouse_keys", gauge, "Signing keys by use and state.");
    write_key_counts(out, "access", keys.ring->access_keys());
    write_key_counts(out, "refresh", keys.ring->refresh_keys());
    out.family("gatehouse_key_age_seconds", gauge,
               "Age of the key that signs access tokens; no sample where that is not known.");
    for (const auto& key : keys.ring->access_keys()) {
        const bool signs = key.state == auth::KeyState::active;
        if (!signs || key.created == auth::Seconds{}) continue;
        out.sample({}, static_cast<double>((keys.now - key.created).count()));
    }
    out.family("gatehouse_key_next_rotation_timestamp_seconds", gauge,
               "When the next keys begin to sign, since 1970; no sample: not by themselves.");
    if (keys.next_rotation) {
        out.sample({}, static_cast<double>(keys.next_rotation->time_since_epoch().count()));
    }
}

} // namespace

void write_auth_metrics(MetricsWriter& out, const ProcessFacts& process)
{
    write_calls(out, process.auth_calls);
    write_hashes(out, process.hashes);
    out.single("gatehouse_store_up", gauge, "1 while the store answers.",
               std::uint64_t{process.store_up ? 1U : 0U});
    write_stores(out, process.stores);
    write_feeds(out, process.feeds);
    out.single("gatehouse_revocations", gauge, "Sessions and users that are refused by memory.",
               process.revoked_sessions);
    out.single("gatehouse_api_keys", gauge, "API keys known by memory.", process.api_keys);
    write_keys(out, process.keys);
}

} // namespace gatehouse::gateway
