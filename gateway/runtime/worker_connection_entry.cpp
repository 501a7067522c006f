// What comes before the first request of a connection.
#include "config/basics/enforced.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/runtime/worker_connection.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <new>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

void tell_shut_out(EventLog* log, std::string_view peer, ProxyRefusal why) noexcept
{
    if (log == nullptr) return;
    try {
        std::string shown;
        log->redactor().append_client(shown, peer);
        log->say(config::LogLevel::warn, "proxy_refused",
                 "connections that do not begin as the PROXY protocol wants it are closed",
                 {
                     {"reason", to_string(why)},
                     {"peer",   shown         }
        });
    } catch (const std::bad_alloc&) { // the metric has it
        return;
    }
}

} // namespace

/// What comes before the first request, one after the other.
void ClientConnection::start() noexcept
{
    if (wants_announcement_) return await_announcement();
    begin();
}

void ClientConnection::await_announcement() noexcept
{
    // Whoever may say who the client is may be anybody.
    if (enforced("proxy_protocol.trusted_peer") && !trusted_)
        return shut_out(ProxyRefusal::untrusted);
    state_ = State::announced;
    limit_.arm(loop_.rooms().timers, loop_.generation().runtime->settings.deadlines.head, *this);
    hear_announcement();
}

/// Takes the proxy's header off the connection, and not a byte of what comes behind it.
void ClientConnection::hear_announcement() noexcept
{
    if (limit_.has_passed()) return shut_out(ProxyRefusal::late);
    const auto desk = loop_.rooms().desk.first(longest_proxy_header);
    const auto seen = socket_.peek(desk);
    if (has_ended(seen.state)) return loop_.forget(*this);
    const auto read = read_proxy_header({desk.data(), seen.bytes});
    if (!read) return shut_out(read.error());
    const auto& header = *read;
    if (!header) {
        socket_.found_nothing(); // behind what is there
        return socket_.wake_when_readable(*this);
    }
    if (socket_.discard(header->bytes).bytes != header->bytes) return loop_.forget(*this);
    if (header->source) {
        peer_ = AddressText(*header->source);
        judge_peer(*loop_.generation().runtime);
    }
    begin();
}

/// No answer: it may speak anything but HTTP.
void ClientConnection::shut_out(ProxyRefusal why) noexcept
{
    const auto kind = static_cast<std::size_t>(why);
    auto& rooms = loop_.rooms();
    rooms.counters.proxies_refused[kind].add();
    if (rooms.shared.said_of_proxies[kind].is_new(loop_.generation().runtime->number))
        tell_shut_out(rooms.shared.events, peer_.view(), why);
    loop_.forget(*this);
}

void ClientConnection::begin() noexcept
{
    if (context_) return begin_tls();
    begin_requests();
}

/// Whoever connects has mostly sent a request by the time it is accepted: a look spares the wait.
void ClientConnection::begin_requests() noexcept
{
    Buffer arrived;
    auto state = Transfer::State::failed;
    try {
        state = receive(arrived);
    } catch (const std::bad_alloc&) { // no memory for a block
        state = Transfer::State::failed;
    }
    if (has_ended(state)) return loop_.forget(*this);
    if (state == Transfer::State::moved) return begin_serving(std::move(arrived));
    const auto keep = loop_.generation().runtime->settings.deadlines.keep_alive;
    go_idle(draining_ ? patience_in_drain() : keep);
}

bool ClientConnection::take_place(LimitBook& book, std::uint32_t most)
{
    const auto address = book.own_keys().of_address(peer_.view());
    if (!book.connections().take(address, most)) return false;
    counted_as_ = address;
    return true;
}

void ClientConnection::give_place_back(LimitBook& book) noexcept
{
    if (counted_as_ != 0) book.connections().give_back(counted_as_);
}

} // namespace gatehouse::gateway
