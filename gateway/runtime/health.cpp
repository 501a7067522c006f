#include "gateway/runtime/health.hpp"

#include "gateway/issuers/issuer_watch.hpp"
#include "gateway/mail/mail_room.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/trace/trace_exporter.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

/// A feed in good health is heard several times a second.
constexpr auto store_is_down_after = 2s;

// No later than this after the moment a feed goes stale.
constexpr std::chrono::milliseconds longest_look = 250ms;

/// Of endpoints that have a name of their own.
std::vector<EndpointFitness> fitness_of(EndpointBoard& board)
{
    std::vector<EndpointFitness> all;
    for (const auto& endpoint : board.all()) {
        const auto& label = endpoint->label();
        if (label.is_shared()) continue;
        const auto standing = endpoint->standing(Timers::now());
        all.push_back({label.upstream, label.endpoint, standing.used, standing.ejections});
    }
    return all;
}

} // namespace

Health::Health(const AuthRooms& auth, SharedRooms& shared, const LogWriter& log,
               const config::Settings& settings)
    : auth_(auth),
      shared_(shared),
      log_(log),
      stale_after_(settings.feed.stale_after),
      connections_limit_(settings.limits.connections),
      endpoint_(std::make_shared<AdminEndpoint>([this] { return view(); }, &writing_)),
      thread_([this] { watch_feed(); })
{
}

Health::~Health()
{
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        stopping_.notify_one();
    }
    thread_.join();
}

MetricsView Health::view() const
{
    MetricsView view;
    view.process.ready = ready_;
    view.process.store_up = auth_.feeds().silence() < store_is_down_after;
    view.process.revoked_sessions = auth_.revocations().size();
    view.process.api_keys = auth_.api_keys().size();
    view.process.feeds = auth_.feeds().facts();
    view.process.stores = auth_.store_facts();
    view.process.hashes = auth_.hashes();
    const auto& keys = auth_.keys();
    view.process.keys = {keys.ring(), keys.next_rotation(), auth_.clock().seconds()};
    view.process.auth_calls = auth_.outcomes().counts();
    view.process.log_lines_dropped = log_.dropped();
    view.process.audit_dropped = auth_.audit().dropped();
    view.process.seen_dropped = auth_.seen_dropped();
    view.process.connections_limit = connections_limit_;
    view.process.cache = shared_.answers.figures();
    view.process.encoder_bytes = shared_.encoders.used();
    view.process.budget_portion_failures = shared_.endpoints.portion_failures;
    if (rates_ != nullptr) view.process.rate_exchange_failures = rates_->failures();
    view.process.sheds = shared_.limits.sheds(std::chrono::steady_clock::now());
    view.process.config = config_facts();
    view.process.certificates = certificate_facts();
    if (shared_.issuers != nullptr) view.process.issuers = shared_.issuers->facts();
    if (shared_.traces != nullptr) view.process.spans = shared_.traces->counts();
    if (shared_.mails != nullptr) view.process.mails = shared_.mails->facts();
    view.workers = workers_;
    view.routes = shared_.traffic.routes.show();
    view.upstreams = shared_.traffic.upstreams.show();
    view.endpoints = shared_.traffic.endpoints.show();
    view.fitness = fitness_of(shared_.endpoints);
    view.rates = shared_.traffic.rates.show();
    return view;
}

ConfigFacts Health::config_facts() const
{
    ConfigFacts facts;
    if (reloader_ == nullptr) return facts;
    const auto last = reloader_->last();
    facts.generation = last.generation;
    facts.live_generations = live_generations_();
    facts.reloads_ok = last.times_ok;
    facts.reloads_failed = last.times_failed;
    facts.last_reload_ok = last.ok;
    return facts;
}

std::vector<CertificateFacts> Health::certificate_facts() const
{
    std::vector<CertificateFacts> facts;
    if (!in_force_) return facts;
    const auto runtime = in_force_();
    const auto now = auth_.clock().seconds().time_since_epoch().count();
    const auto& servers = runtime->tls_servers;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        for (const auto& one : servers[i].certificates) {
            facts.push_back({runtime->settings.listen[i].address, one.file, one.ends - now});
        }
    }
    return facts;
}

void Health::tell_of_feed(bool stale)
{
    if (shared_.events == nullptr) return;
    if (stale) {
        shared_.events->say(config::LogLevel::warn, "feed_stale",
                            "what other processes changed has not been heard for feed.stale_after");
    } else {
        shared_.events->say(config::LogLevel::info, "feed_back", "the change feed is heard again");
    }
}

void Health::tell_of_shedding(bool sheds)
{
    if (shared_.events == nullptr) return;
    if (sheds) {
        shared_.events->say(config::LogLevel::warn, "shedding",
                            "more to do than limits.in_flight or limits.loop_lag allow: requests "
                            "for upstreams are refused, logins and probes are not");
    } else {
        shared_.events->say(config::LogLevel::info, "shedding_over",
                            "requests for upstreams are not refused any more");
    }
}

void Health::watch_feed()
{
    const auto look = [this] { return std::min(longest_look, stale_after_.load() / 2); };
    std::unique_lock lock(mutex_);
    while (!stopping_.wait_for(lock, look(), [this] { return stopped_; })) {
        const bool stale = auth_.feeds().silence() >= stale_after_.load();
        if (shared_.feed_is_stale.exchange(stale, std::memory_order_relaxed) != stale) {
            tell_of_feed(stale);
        }
        const bool sheds = shared_.limits.sheds(std::chrono::steady_clock::now());
        if (std::exchange(told_shedding_, sheds) != sheds) tell_of_shedding(sheds);
    }
}

} // namespace gatehouse::gateway
