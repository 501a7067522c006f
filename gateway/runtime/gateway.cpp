#include "gateway/runtime/gateway.hpp"

#include "gateway/api/auth_api.hpp"
#include "gateway/net/listen.hpp"
#include "gateway/observe/json_security_log.hpp"
#include "gateway/observe/json_store_log.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/cores.hpp"
#include "gateway/runtime/health.hpp"
#include "gateway/runtime/signals.hpp"
#include "gateway/runtime/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace gatehouse::gateway {
namespace {

std::size_t workers_of(const config::Settings& settings)
{
    return settings.workers != 0 ? settings.workers : available_cores();
}

/// The sockets of one worker: its share of every listening address.
struct Listening {
    std::vector<std::vector<WorkerListener>> per_worker;
    std::vector<std::uint16_t> ports;

    void add(SharedListener opened, const std::shared_ptr<LocalEndpoint>& only)
    {
        ports.push_back(opened.port);
        for (std::size_t i = 0; i < opened.sockets.size(); ++i) {
            per_worker[i].push_back({std::move(opened.sockets[i]), only});
        }
    }
};

} // namespace

/// What a running gateway is made of, in the order in which it is put together; it is taken apart
/// the other way round.
struct Gateway::Parts {
    Parts(config::Settings chosen, const StartOptions& start_options)
        : settings(std::move(chosen)),
          options(start_options),
          log(STDOUT_FILENO, workers_of(settings))
    {
    }

    ~Parts()
    {
        signals.reset();
        for (const auto& worker : workers) worker->stop();
        for (const auto& worker : workers) worker->join();
        // Jobs on the pools and refreshes that wait for one another refer to what the workers'
        // event loops hold: they end before those do.
        if (auth) auth->finish_jobs();
        if (api) api->drop_waiting();
        if (auth) auth->on_new_keys([](const auto&) {});
    }

    /// Error: a sentence for the operator.
    [[nodiscard]] Result<void, std::string> assemble();
    [[nodiscard]] Result<Listening, std::string> open_listeners();
    void make_workers(Listening listening);
    void begin_drain() noexcept;
    void on_signal(int signal);
    void act_on_signals();
    [[nodiscard]] int join();

    const config::Settings settings;
    const StartOptions options;
    LogWriter log;
    JsonSecurityLog security_log{log};
    JsonStoreLog store_log{log};
    std::unique_ptr<AuthRooms> auth;
    std::shared_ptr<AuthApi> api;
    std::unique_ptr<SharedRooms> shared;
    std::shared_ptr<const Runtime> runtime;
    std::unique_ptr<Health> health;
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<std::uint16_t> ports;
    std::uint16_t admin_port = 0;
    std::atomic<bool> draining{false};
    std::mutex state;
    bool assembled = false; // guarded by state
    std::atomic<int> signals_seen{0};
    std::optional<SignalWatch> signals; // last made, first gone: it calls into all of the above
};

Result<void, std::string> Gateway::Parts::assemble()
{
    if (options.handle_signals) {
        signals.emplace({SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); });
    }

    auto rooms = AuthRooms::open(
        settings, security_log,
        [this](std::string_view why, std::uint64_t unsaid) {
            store_log.failed(why, unsaid, auth::SystemClock().now());
        },
        [this](std::string_view what) { store_log.warned(what, auth::SystemClock().now()); },
        [this] { return signals_seen > 0; });
    if (!rooms) return rooms.error();
    store_log.waited();
    auth = std::move(*rooms);

    api = std::make_shared<AuthApi>(AuthApi::Rooms{auth->service(), auth->keys(), auth->clock(),
                                                   auth->hash_pool(), auth->store_pool(),
                                                   auth->confirmation(), auth->confirm_pool()},
                                    settings);
    shared = std::make_unique<SharedRooms>(auth->clock(), auth->revocations(), log);
    shared->lease = auth->feeds().lease();
    shared->seen = auth->seen_pairs();
    shared->api_keys = &auth->api_keys();
    runtime = std::make_shared<const Runtime>(settings, api, api);
    health = std::make_unique<Health>(*auth, *shared, log, settings.feed.stale_after);

    auto listening = open_listeners();
    if (!listening) return listening.error();
    make_workers(std::move(*listening));
    auth->on_new_keys([this](const std::shared_ptr<const auth::KeyRing>& keys) {
        for (const auto& worker : workers) worker->use(keys);
    });
    for (const auto& worker : workers) worker->start();
    health->ready();
    const std::scoped_lock lock(state);
    assembled = true;
    act_on_signals();
    return {};
}

Result<Listening, std::string> Gateway::Parts::open_listeners()
{
    Listening listening;
    const auto count = workers_of(settings);
    listening.per_worker.resize(count);
    for (const auto& listen : settings.listen) {
        auto opened = open_listener(listen.address, count);
        if (!opened) return opened.error();
        listening.add(std::move(*opened), nullptr);
    }
    ports = listening.ports;
    if (settings.admin != "off") {
        auto opened = open_listener(settings.admin, 1);
        if (!opened) return opened.error();
        admin_port = opened->port;
        listening.add(std::move(*opened), health->endpoint());
    }
    return listening;
}

void Gateway::Parts::make_workers(Listening listening)
{
    for (std::size_t i = 0; i < listening.per_worker.size(); ++i) {
        workers.push_back(std::make_unique<Worker>(WorkerSetup{
            i, runtime, auth->keys().ring(), shared.get(), std::move(listening.per_worker[i])}));
        health->watch(workers.back()->counters());
    }
}

void Gateway::Parts::begin_drain() noexcept
{
    if (draining.exchange(true)) return;
    health->draining();
    for (const auto& worker : workers) worker->drain();
}

/// The first signal asks for an orderly end, the second for an end. One that comes while the
/// gateway is put together waits until there is something to drain.
void Gateway::Parts::on_signal(int signal)
{
    if (signal == SIGHUP && options.on_hangup) return options.on_hangup();
    const std::scoped_lock lock(state);
    ++signals_seen;
    if (assembled) act_on_signals();
}

void Gateway::Parts::act_on_signals()
{
    if (signals_seen == 1) begin_drain();
    if (signals_seen > 1) {
        for (const auto& worker : workers) worker->stop();
    }
}

int Gateway::Parts::join()
{
    bool cut_off = false;
    for (const auto& worker : workers) cut_off = worker->join() == Worker::End::cut_off || cut_off;
    return cut_off ? 1 : 0;
}

Result<std::unique_ptr<Gateway>, std::string> Gateway::start(config::Settings settings,
                                                             const StartOptions& options)
{
    // A peer that is gone, a file that may not grow: errors of write(), not our end.
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    // Before the first thread, for a signal goes to any thread that does not block it.
    if (options.handle_signals) block_stop_signals();
    auto parts = std::make_unique<Parts>(std::move(settings), options);
    if (const auto assembled = parts->assemble(); !assembled) return assembled.error();
    return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() = default;

const std::vector<std::uint16_t>& Gateway::ports() const noexcept
{
    return parts_->ports;
}

std::uint16_t Gateway::admin_port() const noexcept
{
    return parts_->admin_port;
}

int Gateway::wait()
{
    return parts_->join();
}

} // namespace gatehouse::gateway
