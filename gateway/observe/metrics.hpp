#pragma once

#include "auth/accounts/password_hasher.hpp"
#include "auth/store/store_meter.hpp"
#include "auth/tokens/key_ring.hpp"
#include "gateway/cache/answer_store.hpp"
#include "gateway/issuers/issuer_facts.hpp"
#include "gateway/observe/auth_outcomes.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/metrics_writer.hpp"
#include "gateway/observe/process_usage.hpp"
#include "gateway/observe/traffic.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// How far the process has heard one of its change feeds.
struct FeedFacts {
    std::string_view name{};
    double lag_seconds = 0;      // since it last knew all there was to know
    std::uint64_t sequence = 0;  // of the last change that was applied
    auth::DurationCounts ages{}; // of changes, when they were applied
};

/// How a store is doing, as its callers see it.
struct StoreFacts {
    std::string_view name{};
    const auth::StoreMeter* meter = nullptr;
    bool is_redis = false; // where reading and writing look alike
};

struct KeyFacts {
    std::shared_ptr<const auth::KeyRing> ring{};
    std::optional<auth::Seconds> next_rotation{};
    auth::Seconds now{};
};

/// How the configuration got to where it is.
struct ConfigFacts {
    std::uint64_t generation = 1;       // of the settings in force
    std::uint64_t live_generations = 1; // that some request still uses, and the one in force
    std::uint64_t reloads_ok = 0;
    std::uint64_t reloads_failed = 0;
    bool last_reload_ok = true;
};

/// What became of spans, while they were recorded.
struct SpanFacts {
    std::uint64_t exported = 0;
    std::uint64_t queue_full = 0;
    std::uint64_t not_sent = 0;
    std::uint64_t rejected = 0;
};

/// What became of mails, and how many wait in the store.
struct MailFacts {
    std::uint64_t sent = 0;
    std::uint64_t refused = 0;
    std::uint64_t expired = 0;
    std::uint64_t retried = 0;   // not taken this time
    std::uint64_t dropped = 0;   // too many requests at once
    std::uint64_t held_back = 0; // by an account's limit, or as one too many of a kind
    std::uint64_t waiting = 0;
    std::int64_t oldest_seconds = 0;
};

/// A certificate that is served.
struct CertificateFacts {
    std::string listener;
    std::string file;
    std::int64_t seconds_left = 0; // negative: it has expired
};

/// What the whole process knows and no worker counts.
struct ProcessFacts {
    bool ready = false; // keys and revocations are loaded, and no drain has begun
    bool store_up = true;
    std::uint64_t revoked_sessions = 0; // and users with a standing of their own
    std::uint64_t api_keys = 0;         // known here
    std::vector<FeedFacts> feeds{};
    std::vector<StoreFacts> stores{};
    std::vector<AuthOutcomes::Count> auth_calls{};
    auth::PasswordHasher::Load hashes{};
    KeyFacts keys{};
    std::uint64_t log_lines_dropped = 0; // of LogWriter::say()
    std::uint64_t audit_dropped = 0;     // events that left no record
    std::uint64_t seen_dropped = 0;      // uses of pairs that nobody will hear of
    std::uint64_t connections_limit = 0; // limits.connections
    bool sheds = false;                  // requests to upstreams are refused: too much to do
    std::uint64_t rate_exchange_failures = 0;
    std::uint64_t budget_portion_failures = 0;
    AnswerStore::Figures cache{};
    std::uint64_t encoder_bytes = 0; // what is being compressed takes
    ConfigFacts config{};
    std::vector<CertificateFacts> certificates{};
    std::vector<IssuerFacts> issuers{}; // whose keys are fetched
    SpanFacts spans{};
    MailFacts mails{};
    ProcessUsage usage{};
};

/// Whether an endpoint is used, by the name that metrics have for it.
struct EndpointFitness {
    std::string upstream{};
    std::string endpoint{};
    bool used = true;
    std::uint64_t ejections = 0;
};

/// Everything that is shown, at one moment.
struct MetricsView {
    ProcessFacts process{};
    std::vector<const Counters*> workers{};
    std::vector<TallyBook<RouteCounters>::Shown> routes{};
    std::vector<TallyBook<UpstreamCounters>::Shown> upstreams{};
    std::vector<TallyBook<EndpointCounters>::Shown> endpoints{};
    std::vector<EndpointFitness> fitness{};
    std::vector<TallyBook<RateCounters>::Shown> rates{};
};

/// Of accounts, tokens, keys and stores.
void write_auth_metrics(MetricsWriter& out, const ProcessFacts& process);

/// Of all that the process does beside requests.
void write_process_metrics(MetricsWriter& out, const ProcessFacts& process);

/// Of issuers whose keys are fetched.
void write_issuer_metrics(MetricsWriter& out, const std::vector<IssuerFacts>& issuers);

/// Of single endpoints.
void write_endpoint_metrics(MetricsWriter& out, const MetricsView& view);

/// All workers' counters added up, and what the process knows.
[[nodiscard]] std::string metrics_text(const MetricsView& view, MetricsFormat format);

} // namespace gatehouse::gateway
