#include "gateway/pipeline/unheard_proxy.hpp"

#include "gateway/observe/event_log.hpp"

#include <new>
#include <string>

namespace gatehouse::gateway {
namespace {

void tell(EventLog& log, std::string_view peer) noexcept
{
    try {
        std::string shown;
        log.redactor().append_client(shown, peer);
        log.say(config::LogLevel::warn, "proxy_not_trusted",
                "a peer of a private network names clients (X-Forwarded-For or Forwarded) and is "
                "not believed: all its clients count as one; if it is a proxy of yours, list it in "
                "trusted_proxies",
                {
                    {"peer", shown}
        });
    } catch (const std::bad_alloc&) { // the metric has it
        return;
    }
}

} // namespace

void note_unheard(const Exchange& exchange, Rooms& rooms) noexcept
{
    const auto& peer = exchange.client.address;
    if (!is_private_address(peer)) return;
    rooms.counters.unheard_proxies.add();
    auto& shared = rooms.shared;
    if (shared.events != nullptr &&
        shared.said_of_unheard.is_new(exchange.generation->runtime->number))
        tell(*shared.events, peer);
}

} // namespace gatehouse::gateway
