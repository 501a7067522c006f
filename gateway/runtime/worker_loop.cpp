#include "gateway/runtime/worker_loop.hpp"

#include "gateway/issuers/issuer_watch.hpp"
#include "gateway/net/descriptors.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/trace/trace_exporter.hpp"

#include <algorithm>
#include <new>
#include <set>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t large_block_bytes = 256 * 1024;
constexpr std::size_t desk_bytes = 128 * 1024;
constexpr std::size_t kept_blocks = 512;     // 32 MiB at most, less after a quiet second
constexpr std::size_t kept_large_blocks = 8; // 2 MiB
constexpr std::size_t kept_exchanges = 128;  // with what hangs on each, 5 KiB
constexpr auto housekeeping_every = 1s;

} // namespace

WorkerLoop::WorkerLoop(WorkerSetup setup)
    : index_(setup.index),
      shared_(*setup.shared),
      keys_(std::move(setup.keys)),
      work_(io_.get_executor()),
      timers_(io_),
      turn_(io_),
      resolver_(io_),
      blocks_(block_bytes, kept_blocks),
      large_blocks_(large_block_bytes, kept_large_blocks),
      desk_(std::make_unique_for_overwrite<char[]>(desk_bytes)),
      upstreams_(shared_.endpoints, shared_.traffic.endpoints, counters_, index_, &io_),
      rooms_{
          .io = io_,
          .timers = timers_,
          .turn = turn_,
          .resolver = resolver_,
          .blocks = blocks_,
          .large_blocks = large_blocks_,
          .desk = {desk_.get(), desk_bytes},
          .shared = shared_,
          .counters = counters_,
          .ids = ids_,
          .date = date_
},
      revalidations_(rooms_,
                     [this](Generation& generation) {
                         unpin(generation);
                         end_if_idle();
                     }),
      house_(*this),
      lag_look_(*this)
{
    rooms_.revalidations = &revalidations_;
    use(setup.runtime);
    for (auto& listener : setup.listeners) listeners_.emplace_back(*this, std::move(listener));
}

WorkerLoop::~WorkerLoop() = default;

void WorkerLoop::run()
{
    io_.run();
}

void WorkerLoop::start_listening()
{
    next_housekeeping_.arm(timers_, housekeeping_every, house_);
    for (auto& listener : listeners_) listener.start();
}

void WorkerLoop::use(const std::shared_ptr<const Runtime>& runtime)
{
    const auto& settings = runtime->settings;
    shared_.endpoints.use(settings.metrics.endpoints);
    shared_.answers.use(settings.cache, runtime->number);
    auto groups = upstreams_.groups_for(runtime->upstreams);
    const bool traces = settings.tracing.is_on() && shared_.traces != nullptr;
    auto next = std::make_unique<Generation>(
        runtime, std::move(groups),
        auth::Authenticator(settings.tokens, shared_.revocations, keys_,
                            auth::TokenCache::default_entries, auth::ClaimQuestions(settings),
                            proof_life_of(settings)),
        AccessLog(settings.log, shared_.log.lane(index_), counters_),
        Traffic(shared_.traffic, index_, settings, runtime->router.upstreams()),
        Limits(shared_.limits, shared_.traffic, index_, settings),
        traces ? Tracer(settings, shared_.traces->ring(index_)) : Tracer());
    next->authenticator.take_issuers(runtime->issuers, *fetched_keys_,
                                     shared_.issuers == nullptr ? nullptr
                                                                : &shared_.issuers->wishes());
    next->authenticator.tell_of_pairs(shared_.seen);
    if (shared_.api_keys != nullptr) next->authenticator.take_api_keys(*shared_.api_keys);
    generations_.push_back(std::move(next));
    upstreams_.empty_all_but(generation().upstreams);
    std::erase_if(generations_, [this](const auto& old) {
        return old->pins == 0 && old.get() != generations_.back().get();
    });
    endpoints_may_be_unused_ = true;
    for (auto& listener : listeners_) listener.follow(*runtime);
    watch_lag();
}

void WorkerLoop::use(std::shared_ptr<const auth::KeyRing> keys)
{
    keys_ = std::move(keys);
    for (auto& generation : generations_) generation->authenticator.use(keys_);
}

void WorkerLoop::use(std::shared_ptr<const auth::FetchedKeys> keys)
{
    fetched_keys_ = std::move(keys);
    for (auto& generation : generations_) generation->authenticator.use(*fetched_keys_);
}

void WorkerLoop::use(std::shared_ptr<const NameBook> names)
{
    upstreams_.use(std::move(names));
    for (auto& generation : generations_) {
        upstreams_.follow_names(generation->runtime->upstreams, generation->upstreams);
    }
    upstreams_.empty_all_but(generation().upstreams);
    endpoints_may_be_unused_ = true;
    forget_unused_endpoints();
}

void WorkerLoop::open(WorkerListener listener)
{
    if (stage_ != Stage::serving && stage_ != Stage::announcing_drain) return;
    listeners_.emplace_back(*this, std::move(listener)).start();
}

void WorkerLoop::close(const std::string& address)
{
    listeners_.remove_if([&](Listener& listener) {
        if (listener.address() != address) return false;
        listener.stop();
        return true;
    });
}

void WorkerLoop::share_listeners() noexcept
{
    for (auto& listener : listeners_) listener.share();
}

std::vector<ListenerCopy> WorkerLoop::copy_listeners() const
{
    std::vector<ListenerCopy> copies;
    for (const auto& listener : listeners_) {
        if (listener.is_open()) copies.push_back(listener.copy());
    }
    return copies;
}

void WorkerLoop::unpin(Generation& generation) noexcept
{
    if (--generation.pins != 0 || &generation == generations_.back().get()) return;
    std::erase_if(generations_, [&](const auto& old) { return old.get() == &generation; });
    endpoints_may_be_unused_ = true;
}

void WorkerLoop::adopt(FileDescriptor fd, const SocketAddress& peer, Entrance entrance)
{
    const bool among_the_last = is_kept_descriptor(fd.get());
    auto* connection =
        new ClientConnection(*this, Socket::unwatched(io_, std::move(fd)), peer, entrance);
    connections_.push_back(*connection);
    counters_.connections_accepted.add();
    counters_.connections_open.add();
    // Probes and metrics are wanted most when everything is full, and fill nothing.
    if (connection->is_operators()) return connection->start();
    const auto open = shared_.open_connections.fetch_add(1, std::memory_order_relaxed) + 1;
    if (open > generation().runtime->settings.limits.connections) {
        counters_.connections_refused.add();
        connection->turn_away(ClientConnection::Parting::slow);
    } else if (among_the_last) {
        counters_.connections_refused.add();
        connection->turn_away(ClientConnection::Parting::at_once);
    } else if (is_one_too_many(*connection)) {
        counters_.connections_refused_by_address.add();
        // One that lingered would take somebody else's place.
        connection->turn_away(ClientConnection::Parting::at_once);
    } else {
        connection->start();
    }
}

void WorkerLoop::forget(ClientConnection& connection) noexcept
{
    connection.give_place_back(shared_.limits);
    if (!connection.is_operators()) {
        shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
    }
    connections_.erase_and_dispose(connections_.iterator_to(connection),
                                   [](ClientConnection* gone) { delete gone; });
    counters_.connections_open.subtract();
    end_if_idle();
}

std::unique_ptr<Exchange> WorkerLoop::take_exchange()
{
    if (exchanges_.empty()) return std::make_unique<Exchange>();
    auto exchange = std::move(exchanges_.back());
    exchanges_.pop_back();
    return exchange;
}

void WorkerLoop::give_back(std::unique_ptr<Exchange> exchange)
{
    exchange->in = Buffer();
    exchange->begin_request();
    exchange->parser.reset();
    exchange->parsed_up_to = 0;
    exchange->silent = false; // was said of the connection, not of the one that comes next
    exchange->patience.clear();
    exchange->waiter.forget();
    if (!exchange->stopped && exchanges_.size() < kept_exchanges) {
        exchanges_.push_back(std::move(exchange));
    }
}

bool WorkerLoop::is_crowded() const noexcept
{
    return waiting_ >= kept_exchanges;
}

/// Not when a generation goes: the request that was its last may still hold a connection.
void WorkerLoop::forget_unused_endpoints() noexcept
{
    if (!endpoints_may_be_unused_) return;
    try {
        std::set<const EndpointPool*> used;
        for (const auto& generation : generations_) {
            for (const auto& upstream : generation->upstreams) upstream.add_to(used);
        }
        endpoints_may_be_unused_ = !upstreams_.forget_all_but(used);
    } catch (const std::bad_alloc&) { // the next time
        return;
    }
}

void WorkerLoop::keep_house() noexcept
{
    forget_unused_endpoints();
    upstreams_.close_older_than(generation().runtime->settings.deadlines.upstream_idle);
    counters_.token_cache_entries.set(generation().authenticator.cached());
    blocks_.trim();
    large_blocks_.trim();
    next_housekeeping_.arm(timers_, housekeeping_every, house_);
}

void WorkerLoop::begin_drain()
{
    if (stage_ == Stage::leaving) return close_door(generation().runtime->settings.drain.timeout);
    if (stage_ != Stage::serving) return;
    stage_ = Stage::announcing_drain;
    // From now on, not only when the door closes: whoever is told so goes elsewhere, and the others
    // have been silent for the whole delay.
    rooms_.draining = true;
    stage_limit_.arm(timers_, generation().runtime->settings.drain.delay, *this);
}

/// The stage's time is over.
void WorkerLoop::wake() noexcept
{
    if (stage_ == Stage::announcing_drain) {
        close_door(generation().runtime->settings.drain.timeout);
    } else if (stage_ == Stage::leaving) {
        close_door(last_part());
    } else if (stage_ == Stage::draining) {
        cut_off_ = true;
        stop();
    }
}

/// Of drain.timeout, for connections that are sent away only then.
std::chrono::milliseconds WorkerLoop::last_part() const noexcept
{
    return std::min<std::chrono::milliseconds>(
        1s, generations_.back()->runtime->settings.drain.timeout / 2);
}

void WorkerLoop::leave()
{
    if (stage_ != Stage::serving && stage_ != Stage::announcing_drain) return;
    stage_ = Stage::leaving;
    rooms_.draining = true;
    for (auto& listener : listeners_) listener.stop();
    revalidations_.stop();
    for (auto next = connections_.begin(); next != connections_.end();) (next++)->leave();
    const auto all = generation().runtime->settings.drain.timeout;
    stage_limit_.arm(timers_, all - last_part(), *this);
    end_if_idle();
}

void WorkerLoop::close_door(std::chrono::milliseconds time_left)
{
    stage_ = Stage::draining;
    for (auto& listener : listeners_) listener.stop();
    stage_limit_.arm(timers_, time_left, *this);
    revalidations_.stop();
    for (auto next = connections_.begin(); next != connections_.end();) (next++)->drain();
    end_if_idle();
}

void WorkerLoop::stop()
{
    stage_ = Stage::stopped;
    for (auto& listener : listeners_) listener.stop();
    revalidations_.stop();
    for (auto next = connections_.begin(); next != connections_.end();) (next++)->stop();
    end_if_idle();
}

void WorkerLoop::end_if_idle()
{
    const bool ending = stage_ != Stage::serving && stage_ != Stage::announcing_drain;
    if (!ending || !connections_.empty() || !revalidations_.empty()) return;
    upstreams_.close_all();
    stage_limit_.clear();
    next_housekeeping_.clear();
    next_lag_look_.clear();
    work_.reset();
    io_.stop();
}

} // namespace gatehouse::gateway
