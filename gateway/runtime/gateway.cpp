#include "gateway/runtime/gateway.hpp"

#include "gateway/mail/mail_room.hpp"
#include "gateway/observe/security_lines.hpp"
#include "gateway/observe/store_lines.hpp"
#include "gateway/runtime/auth_rooms.hpp"
#include "gateway/runtime/config_log.hpp"
#include "gateway/runtime/cores.hpp"
#include "gateway/runtime/count_together.hpp"
#include "gateway/runtime/endpoint_survey.hpp"
#include "gateway/runtime/file_watch.hpp"
#include "gateway/runtime/health.hpp"
#include "gateway/runtime/health_checker.hpp"
#include "gateway/runtime/issuer_rooms.hpp"
#include "gateway/runtime/listening.hpp"
#include "gateway/runtime/live_settings.hpp"
#include "gateway/runtime/log_rooms.hpp"
#include "gateway/runtime/make_admin_api.hpp"
#include "gateway/runtime/name_watch.hpp"
#include "gateway/runtime/reloader.hpp"
#include "gateway/runtime/service_status.hpp"
#include "gateway/runtime/signals.hpp"
#include "gateway/runtime/succession.hpp"
#include "gateway/runtime/worker.hpp"
#include "gateway/trace/trace_exporter.hpp"
#include "gateway/upstream/upstream_files.hpp"

#include <malloc.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace gatehouse::gateway {
namespace {

config::Diagnostic is_stopping()
{
    config::Diagnostic problem;
    problem.message = "this gateway is stopping";
    return problem;
}

} // namespace

/// What a running gateway is made of, in the order in which it is put together; it is taken apart
/// the other way round.
struct Gateway::Parts {
    Parts(config::Settings chosen, const StartOptions& start_options, LogSink sink)
        : settings(std::move(chosen)),
          options(start_options),
          files_at_start(states_of(options.source.files)),
          logs(settings.log, std::move(sink), workers_of(settings))
    {
    }

    ~Parts()
    {
        signals.reset();
        watch.reset();
        if (succession.end()) listening.admin_file.leave();
        names.stop();
        issuers.stop();
        for (const auto& worker : workers) worker->stop();
        for (const auto& worker : workers) worker->join();
        // Jobs on the pools and refreshes that wait for one another refer to what the workers'
        // event loops hold: they end before those do.
        if (health) health->finish_jobs();
        if (auth) auth->finish_jobs();
        if (live) live->drop_waiting();
        if (auth) auth->on_new_keys([](const auto&) {});
    }

    /// Error: a sentence for the operator.
    [[nodiscard]] Result<void, std::string> assemble(GivenSockets given);
    void make_workers();
    void make_reloader();
    void watch_files();
    /// The admin API, where there is an admin address or a socket.
    [[nodiscard]] Result<void, std::string> open_admin_api();
    void quit();
    void begin_drain() noexcept;
    void send_silent_away() noexcept;
    void leave();
    void on_signal(int signal);
    void act_on_signals();
    [[nodiscard]] int join();

    const config::Settings settings;
    const StartOptions options;
    const FileStates files_at_start;
    LogRooms logs;
    SecurityLines security_log{logs.events()};
    StoreLines store_log{logs.events()};
    std::unique_ptr<AuthRooms> auth;
    std::unique_ptr<TraceExporter> traces;
    std::unique_ptr<MailRoom> mails;
    std::unique_ptr<SharedRooms> shared;
    std::unique_ptr<RateExchange> rates;       // null where nobody else counts
    std::unique_ptr<PortionExchange> portions; // the same
    std::unique_ptr<LiveSettings> live;
    std::unique_ptr<Health> health;
    std::vector<std::unique_ptr<Worker>> workers;
    NameWatch names{rooms_for_names(workers, logs)};
    IssuerWatch issuers{rooms_for_issuers(workers, logs)};
    std::unique_ptr<HealthChecker> checker;
    Listening listening; // without the sockets, which the workers have
    Succession succession{
        {settings, workers, logs, [this] { leave(); }}
    };
    std::atomic<bool> draining{false};
    std::atomic<bool> has_left{false}; // another process serves
    std::mutex state;
    bool assembled = false; // guarded by state
    bool quitting = false;  // guarded by state: somebody asked through the admin API
    std::atomic<int> signals_seen{0};
    std::unique_ptr<Reloader> reloader; // null without a source of settings
    std::atomic<bool> reload_wanted{false};
    ServiceManager manager{options.service};
    std::unique_ptr<FileWatch> watch;   // the same
    std::optional<SignalWatch> signals; // last made, first gone: it calls into all of the above
};

Result<void, std::string> Gateway::Parts::assemble(GivenSockets given)
{
    if (options.handle_signals) {
        signals.emplace({SIGTERM, SIGINT, SIGHUP, SIGUSR1},
                        [this](int signal) { on_signal(signal); });
    }

    if (auto problem = problem_at_start(settings)) return *std::move(problem);
    auto rooms = AuthRooms::open(
        settings, security_log,
        [this](std::string_view why, std::uint64_t unsaid) {
            store_log.failed(why, unsaid, auth::SystemClock().now());
        },
        [this](std::string_view what) { store_log.warned(what, auth::SystemClock().now()); },
        [this] {
            manager.start_waits(waiting_status);
            return signals_seen > 0;
        });
    if (options.told_to_end != nullptr) *options.told_to_end = signals_seen > 0;
    if (!rooms) return rooms.error();
    store_log.waited();
    auth = std::move(*rooms);

    shared = std::make_unique<SharedRooms>(auth->clock(), auth->revocations(), logs.lines());
    traces = std::make_unique<TraceExporter>(workers_of(settings), settings.tracing.queue,
                                             logs.events());
    traces->use(settings.tracing);
    shared->traces = traces.get();
    mails = std::make_unique<MailRoom>(
        MailRoom::Rooms{auth->store(), auth->mail_desk(), auth->clock(), logs.events()});
    mails->use(settings);
    shared->mails = mails.get();
    shared->events = &logs.events();
    shared->endpoints.tell(logs.events());
    shared->lease = auth->feeds().lease();
    shared->seen = auth->seen_pairs();
    shared->issuers = &issuers;
    shared->api_keys = &auth->api_keys();
    rates = count_together(*auth, *shared);
    portions = share_budgets(*auth, *shared);
    live = std::make_unique<LiveSettings>(*auth);
    if (auto begun = live->begin(settings); !begun) return begun;
    health = std::make_unique<Health>(*auth, *shared, logs.lines(), settings);
    health->watch([this] { return live->in_force(); });
    if (rates) health->watch(*rates);

    auto open = succession.open_sockets(options.take_over, std::move(given));
    if (!open) return open.error();
    auto opened =
        open_listening(settings, workers_of(settings), std::move(*open), health->endpoint());
    if (!opened) return opened.error();
    listening = *std::move(opened);
    make_workers();
    checker = std::make_unique<HealthChecker>(shared->endpoints);
    make_reloader();
    if (const auto api = open_admin_api(); !api) return api.error();
    auth->on_new_keys([this](const std::shared_ptr<const auth::KeyRing>& keys) {
        for (const auto& worker : workers) worker->use(keys);
        logs.tell_keys();
    });
    ::malloc_trim(0); // what reading the settings took goes back to the system
    checker->use(settings);
    for (const auto& worker : workers) worker->start();
    names.use(watched_names(settings));
    issuers.use(settings);
    health->ready();
    if (auth->keys().made_the_first()) logs.tell_first_keys();
    logs.tell_started(settings, workers.size(), options.sandbox);
    succession.serves(listening);
    manager.ready(serving_status(settings, 1));
    manager.watch(loops_of(workers));
    {
        const std::scoped_lock lock(state);
        assembled = true;
        act_on_signals();
        if (quitting) begin_drain();
    }
    if (reloader) watch_files();
    // What came while the gateway was put together, and may have come after its file was read.
    if (reload_wanted.exchange(false)) (void)reloader->reload("SIGHUP");
    return {};
}

void Gateway::Parts::make_reloader()
{
    if (!options.source.load) return;
    auto follow = [this](const config::Settings& next,
                         std::uint64_t generation) -> Result<void, config::Diagnostic> {
        if (draining) return is_stopping();
        auto followed = live->follow(next, generation, workers);
        if (followed) {
            health->use(next);
            names.use(watched_names(next));
            issuers.use(next);
            logs.use(next.log);
            traces->use(next.tracing);
            mails->use(next);
            checker->use(next);
            logs.tell_unverified(next);
        }
        return followed;
    };
    auto load = [this] {
        manager.reloading();
        return options.source.load();
    };
    auto tell = [this](const ReloadReport& report) {
        tell_reload(logs.events(), report);
        manager.reloaded(reload_status(*reloader->running(), report));
    };
    reloader = std::make_unique<Reloader>(Reloader::Rooms{load, follow, tell, auth->clock()},
                                          std::make_shared<const config::Settings>(settings),
                                          options.source.files);
    health->watch(*reloader, [this] { return live->live(); });
}

void Gateway::Parts::watch_files()
{
    FileWatch::Rooms rooms;
    rooms.files = [this] { return reloader->files(); };
    rooms.poll = [this] { return reloader->running()->reload.poll; };
    rooms.on_change = [this] {
        if (reloader->running()->reload.watch && !draining) (void)reloader->reload("file");
    };
    watch = std::make_unique<FileWatch>(std::move(rooms), files_at_start, FileWatch::Pace{});
}

void Gateway::Parts::make_workers()
{
    for (std::size_t i = 0; i < listening.per_worker.size(); ++i) {
        workers.push_back(std::make_unique<Worker>(
            WorkerSetup{i, live->newest(), auth->keys().ring(), shared.get(),
                        std::move(listening.per_worker[i])}));
        health->watch(workers.back()->counters());
    }
}

Result<void, std::string> Gateway::Parts::open_admin_api()
{
    if (settings.admin == "off" && settings.admin_api.socket.empty()) return {};
    AdminApi::Process process;
    process.view = [this] { return health->view(); };
    process.runtime = [this] { return live->in_force(); };
    process.endpoints = [this] {
        return survey_endpoints(workers, shared->endpoints, settings.deadlines.store);
    };
    process.quit = [this] { quit(); };
    process.hand_over = [this](int socket) { return succession.give(socket); };
    process.log_level = [this] { return logs.events().level(); };
    process.set_log_level = [this](config::LogLevel level) { logs.events().set_level(level); };
    process.purge = [this](const CachePurge& what) { return shared->answers.purge(what); };
    process.ports = listening.ports;
    process.sandbox = options.sandbox.words();
    if (reloader) {
        process.reload = [this] { return reloader->reload("admin"); };
        process.last_reload = [this] { return reloader->last(); };
    }
    auto api = make_admin_api(*auth, std::move(process), settings, store_log);
    if (!api) return api.error();
    health->endpoint()->serve(*std::move(api));
    return {};
}

/// Like the first signal; a signal that comes afterwards is the first one still.
void Gateway::Parts::quit()
{
    const std::scoped_lock lock(state);
    quitting = true;
    if (assembled) begin_drain();
}

void Gateway::Parts::begin_drain() noexcept
{
    if (draining.exchange(true)) return send_silent_away();
    logs.tell_draining();
    manager.stopping(draining_status);
    health->draining();
    for (const auto& worker : workers) worker->drain();
}

/// Asked to end after a hand-over: there is no more time for those that say nothing.
void Gateway::Parts::send_silent_away() noexcept
{
    if (!has_left) return;
    for (const auto& worker : workers) worker->drain();
}

/// Another process serves on all sockets.
void Gateway::Parts::leave()
{
    has_left = draining = true;
    listening.admin_file.leave();
    logs.tell_handed_over();
    manager.stopping(draining_status);
    health->draining();
    for (const auto& worker : workers) worker->leave();
}

/// The first signal to stop asks for an orderly end, the second for an end. One that comes while
/// the gateway is put together waits until there is something to drain.
void Gateway::Parts::on_signal(int signal)
{
    if (signal == SIGUSR1) return logs.reopen();
    const bool asks_to_reload = signal == SIGHUP && options.source.load;
    {
        const std::scoped_lock lock(state);
        if (asks_to_reload)
            reload_wanted = true;
        else
            ++signals_seen;
        if (!assembled) return;
        act_on_signals();
    }
    if (reload_wanted.exchange(false)) (void)reloader->reload("SIGHUP");
}

void Gateway::Parts::act_on_signals()
{
    if (signals_seen == 1) begin_drain();
    if (signals_seen > 1)
        for (const auto& worker : workers) worker->stop();
}

int Gateway::Parts::join()
{
    bool cut_off = false;
    for (const auto& worker : workers) cut_off = worker->join() == Worker::End::cut_off || cut_off;
    if (mails) mails->finish();
    if (traces) traces->finish();
    logs.tell_stopped(cut_off);
    return cut_off ? 1 : 0;
}

Result<std::unique_ptr<Gateway>, std::string>
Gateway::start(config::Settings settings, const StartOptions& options, GivenSockets given)
{
    // A peer that is gone, a file that may not grow: errors of write(), not our end.
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    // Before the first thread, for a signal goes to any thread that does not block it.
    if (options.handle_signals) block_stop_signals();
    auto sink = LogSink::open(settings.log);
    if (!sink) return sink.error();
    auto parts = std::make_unique<Parts>(std::move(settings), options, std::move(*sink));
    const auto assembled = parts->assemble(std::move(given));
    if (!assembled) return assembled.error();
    return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() = default;

const std::vector<std::uint16_t>& Gateway::ports() const noexcept
{
    return parts_->listening.ports;
}

Reloader* Gateway::reloader() noexcept
{
    return parts_->reloader.get();
}

std::uint16_t Gateway::admin_port() const noexcept
{
    return parts_->listening.admin_port;
}

int Gateway::wait()
{
    return parts_->join();
}

} // namespace gatehouse::gateway
