#include "gateway/runtime/live_settings.hpp"

#include "gateway/net/address.hpp"
#include "gateway/net/listen.hpp"
#include "gateway/runtime/make_runtime.hpp"
#include "gateway/upstream/upstream_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Longer than any turn of a worker's event loop.
constexpr auto longest_turn = std::chrono::seconds(5);

/// An address that is new, one socket for each worker.
struct Opened {
    std::string address;
    std::vector<FileDescriptor> sockets;
};

bool listens_on(const config::Settings& settings, const std::string& address)
{
    return std::ranges::any_of(settings.listen,
                               [&](const auto& listen) { return listen.address == address; });
}

/// As of `0.0.0.0:8080` when `127.0.0.1:8080` shall take its place.
PortOwner owner_of_port(const config::Settings& before, const std::string& address)
{
    const auto wanted = parse_host_port(address);
    const bool is_ours = std::ranges::any_of(before.listen, [&](const auto& listen) {
        const auto open = parse_host_port(listen.address);
        return wanted && open && wanted->port != 0 && wanted->port == open->port;
    });
    return is_ours ? PortOwner::this_process : PortOwner::to_be_proved_free;
}

/// What `next` has and `before` has not.
Result<std::vector<Opened>, config::Diagnostic>
open_new(const config::Settings& before, const config::Settings& next, std::size_t workers)
{
    std::vector<Opened> opened;
    for (std::size_t i = 0; i < next.listen.size(); ++i) {
        const auto& address = next.listen[i].address;
        if (listens_on(before, address)) continue;
        auto listener = open_listener(address, workers, owner_of_port(before, address));
        if (!listener) {
            config::Diagnostic problem;
            problem.key = fmt::format("listen[{}].address", i);
            problem.message = listener.error();
            problem.hint = "everything stays as it was";
            return problem;
        }
        opened.push_back({address, std::move(listener->sockets)});
    }
    return opened;
}

/// Until every worker has done what it was told before, or has ended meanwhile.
void wait_for(const LiveSettings::Workers& workers)
{
    struct Marks {
        std::mutex mutex;
        std::condition_variable reached;
        std::size_t left = 0;
    };

    const auto marks = std::make_shared<Marks>();
    marks->left = workers.size();
    for (const auto& worker : workers) {
        worker->post([marks] {
            const std::scoped_lock lock(marks->mutex);
            --marks->left;
            marks->reached.notify_all();
        });
    }
    std::unique_lock lock(marks->mutex);
    marks->reached.wait_for(lock, longest_turn, [&] { return marks->left == 0; });
}

} // namespace

LiveSettings::LiveSettings(AuthRooms& rooms) : rooms_(rooms) {}

Result<void, std::string> LiveSettings::begin(const config::Settings& settings)
{
    auto servers = make_tls(settings);
    if (!servers) return servers.error().key + ": " + servers.error().message;
    make(settings, 1, *std::move(servers));
    return {};
}

/// Tickets outlive the settings they were made under.
Result<TlsServers, config::Diagnostic> LiveSettings::make_tls(const config::Settings& settings)
{
    const auto rotation =
        std::chrono::duration_cast<std::chrono::seconds>(settings.tls.ticket_rotation);
    if (!tickets_) tickets_ = std::make_shared<TicketKeys>(rotation);
    tickets_->rotate_every(rotation);
    return make_tls_servers(settings, tickets_);
}

void LiveSettings::make(const config::Settings& settings, std::uint64_t generation,
                        TlsServers tls_servers)
{
    auto next = make_runtime(settings, generation, rooms_, queues_, std::move(tls_servers));
    const std::scoped_lock lock(mutex_);
    newest_ = std::move(next);
    std::erase_if(known_, [](const auto& known) { return known.expired(); });
    known_.push_back(newest_);
}

std::shared_ptr<const Runtime> LiveSettings::in_force() const
{
    const std::scoped_lock lock(mutex_);
    return newest_;
}

std::size_t LiveSettings::live() const
{
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(known_, [](const auto& known) { return !known.expired(); }));
}

Result<void, config::Diagnostic>
LiveSettings::follow(const config::Settings& next, std::uint64_t generation, const Workers& workers)
{
    const auto before = newest_;
    const auto problems =
        problems_with_upstream_files(next, before->settings, std::chrono::system_clock::now());
    if (!problems.empty()) return problems.front();
    auto servers = make_tls(next);
    if (!servers) {
        auto problem = servers.error();
        problem.hint = "everything stays as it was";
        return problem;
    }
    auto opened = open_new(before->settings, next, workers.size());
    if (!opened) return opened.error();
    make(next, generation, *std::move(servers));
    rooms_.use(next);
    for (std::size_t i = 0; i < workers.size(); ++i) {
        auto& worker = *workers[i];
        worker.use(newest_);
        for (auto& [address, sockets] : *opened) {
            worker.open({std::move(sockets[i]), nullptr, address});
        }
        for (const auto& listen : before->settings.listen) {
            if (!listens_on(next, listen.address)) worker.close(listen.address);
        }
    }
    wait_for(workers);
    return {};
}

} // namespace gatehouse::gateway
