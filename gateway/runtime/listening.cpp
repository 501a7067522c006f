#include "gateway/runtime/listening.hpp"

#include "gateway/net/listen.hpp"

#include <utility>

namespace gatehouse::gateway {
namespace {

/// Each worker's share of one address.
void deal_out(SharedListener opened, const std::string& address,
              const std::shared_ptr<LocalEndpoint>& only, Listening& into)
{
    for (std::size_t i = 0; i < opened.sockets.size(); ++i) {
        auto& worker = into.per_worker[i % into.per_worker.size()];
        worker.push_back({std::move(opened.sockets[i]), only, address, opened.given});
    }
}

} // namespace

Result<Listening, std::string> open_listening(const config::Settings& settings, std::size_t workers,
                                              OpenSockets open,
                                              const std::shared_ptr<LocalEndpoint>& admin)
{
    std::vector<WantedListener> wanted;
    for (const auto& listen : settings.listen) wanted.push_back({listen.address, workers});
    if (settings.admin != "off") wanted.push_back({settings.admin, 1});
    auto opened = open_listeners(wanted, std::move(open.tcp));
    if (!opened) return opened.error();

    Listening listening;
    listening.per_worker.resize(workers);
    for (std::size_t i = 0; i < settings.listen.size(); ++i) {
        listening.ports.push_back((*opened)[i].port);
        deal_out(std::move((*opened)[i]), wanted[i].address, nullptr, listening);
    }
    if (settings.admin != "off") {
        listening.admin_port = opened->back().port;
        deal_out(std::move(opened->back()), settings.admin, admin, listening);
    }
    const auto& path = settings.admin_api.socket;
    if (path.empty()) return listening;
    if (!open.admin.is_open()) {
        auto local = listen_at(path);
        if (!local) return local.error();
        listening.admin_file = std::move(local->file);
        open.admin = std::move(local->socket);
    }
    listening.per_worker[0].push_back({std::move(open.admin), admin, path});
    return listening;
}

} // namespace gatehouse::gateway
