#include "gateway/runtime/worker_connection.hpp"

#include "gateway/net/unix_socket.hpp"
#include "gateway/pipeline/refusal_answer.hpp"
#include "gateway/pipeline/serve_trace.hpp"
#include "gateway/runtime/worker_loop.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace gatehouse::gateway {
namespace {

using namespace std::chrono_literals;

// A connection that was silent for so long gives its coroutine and exchange back; in a crowd it
// does at once: a thousand that are opened within a second would each have an exchange of their
// own, and leave the heap full of holes that nothing else fits into.
constexpr std::chrono::milliseconds hot_for = 1s;

AddressText text_of(const SocketAddress& peer, int socket) noexcept
{
    if (peer.family() != AF_UNIX) return AddressText(peer);
    return AddressText::of_unix_user(unix_user_of(socket).value_or(static_cast<uid_t>(-1)));
}

} // namespace

ClientConnection::ClientConnection(WorkerLoop& loop, Socket socket, const SocketAddress& peer,
                                   Entrance entrance)
    : loop_(loop),
      socket_(std::move(socket)),
      context_(share_context(entrance.tls)),
      peer_(text_of(peer, socket_.native())),
      only_(entrance.only),
      judged_by_(loop.generation().runtime->number),
      trusted_(loop.generation().runtime->clients.trusted.contains(peer_.view())),
      wants_announcement_(entrance.proxy_header),
      to_https_(entrance.to_https)
{
}

void ClientConnection::go_idle(std::chrono::milliseconds keep)
{
    state_ = State::idle;
    idle_until_ = Timers::now() + keep;
    limit_.arm(loop_.rooms().timers, keep, *this);
    socket_.wake_when_readable(*this);
}

void ClientConnection::wake() noexcept
{
    if (state_ == State::lingering) return drop_input();
    if (state_ == State::serving) return;
    if (state_ == State::announced) return hear_announcement();
    if (state_ == State::shaking_hands) return shake_hands();
    if (limit_.has_passed()) return loop_.forget(*this);
    begin_serving({});
}

void ClientConnection::begin_serving(Buffer arrived) noexcept
{
    state_ = State::serving;
    fresh_ = false;
    limit_.clear();
    try {
        auto exchange = loop_.take_exchange();
        exchange->client = {.socket = &socket_,
                            .address = peer_.view(),
                            .trusted = trusted_,
                            .tls = socket_.tls() != nullptr,
                            .handshake = handshake_,
                            .only = only_,
                            .to_https = to_https_,
                            .leaving = &leaving_,
                            .certificate = shown_.get()};
        exchange->in = std::move(arrived);
        exchange_ = exchange.get();
        auto serving = serve_requests(std::move(exchange));
        asio::co_spawn(loop_.io(), std::move(serving), [this](const std::exception_ptr& failed) {
            if (failed) loop_.forget(*this);
        });
    } catch (const std::exception&) { // out of memory; the rest of the gateway goes on
        loop_.forget(*this);
    }
}

Task<void> ClientConnection::serve_requests(std::unique_ptr<Exchange> exchange)
{
    exchange->silent = false;
    auto after = After::keep;
    auto meanwhile = Asked::nothing;
    while (after == After::keep) {
        exchange->begin_request();
        bool begun = false;
        auto head = look_for_head(*exchange, begun);
        while (head == Head::awaited) {
            prepare_wait(*exchange);
            loop_.begin_wait();
            co_await exchange->waiter.sleep();
            loop_.end_wait();
            head = look_for_head(*exchange, begun);
        }
        if (head == Head::none) break;
        meanwhile = Asked::something;
        auto& generation = *exchange->generation;
        loop_.pin(generation);
        if (generation.runtime->number != judged_by_) {
            follow(*generation.runtime);
            exchange->client.trusted = trusted_;
            exchange->client.certificate = shown_.get();
        }
        after = co_await answer(*exchange, head);
        conclude(*exchange, loop_.rooms());
        loop_.unpin(generation);
        if (head != Head::ready && after == After::close) after = After::linger;
    }
    pause_or_end(std::move(exchange), after, meanwhile);
}

/// Whom to trust may have changed since the last request.
void ClientConnection::follow(const Runtime& runtime)
{
    judged_by_ = runtime.number;
    judge_peer(runtime);
    if (socket_.tls() != nullptr) judge_certificate(runtime);
}

void ClientConnection::judge_peer(const Runtime& runtime)
{
    trusted_ = runtime.clients.trusted.contains(peer_.view());
}

/// No coroutine itself: it only names the one that answers.
Task<After> ClientConnection::answer(Exchange& exchange, Head head)
{
    auto& rooms = loop_.rooms();
    exchange.at = rooms.shared.clock.now();
    exchange.began = exchange.admitted = std::chrono::steady_clock::now();
    if (head == Head::ready) {
        exchange.id.choose(exchange.request, trusted_, rooms.ids);
        trace_head(exchange, rooms);
        const auto now = std::chrono::floor<std::chrono::seconds>(exchange.at);
        if (is_certificate_good(now)) return serve(exchange, rooms);
        exchange.request.keep_alive = false; // another handshake would say why, or be better
        const Refusal refusal(RefusalCode::forbidden, "the client certificate is good no more");
        return refuse(exchange, rooms, refusal);
    }
    exchange.id.renew(rooms.ids);
    if (head == Head::late) return refuse(exchange, rooms, RefusalCode::request_timeout);
    const auto error = exchange.head_error;
    return refuse(exchange, rooms, Refusal(refusal_of(error), std::string(to_string(error))));
}

/// After the last request for now: `after` is `keep` when no other one came.
void ClientConnection::pause_or_end(std::unique_ptr<Exchange> exchange, After after,
                                    Asked meanwhile)
{
    exchange_ = nullptr;
    const bool silent = exchange->silent;
    const auto waited = exchange->patience.has_passed() ? hot_for : 0ms;
    const bool more_arrived = !exchange->in.empty();
    socket_.forget_waiters(); // the exchange's, which may go away now
    loop_.give_back(std::move(exchange));
    if (after != After::keep) return end_with(after, more_arrived);
    if (!silent || draining_) return end_with(After::close, more_arrived);
    const auto keep = loop_.generation().runtime->settings.deadlines.keep_alive;
    // A piece of a record of TLS wakes it, too, and is no request: it gains no time by that.
    const auto left = meanwhile == Asked::something ? keep - waited : idle_until_ - Timers::now();
    if (left <= 0ms) return end_with(After::close, more_arrived);
    go_idle(left);
}

ClientConnection::Head ClientConnection::parse_head(Exchange& exchange)
{
    const auto& limits = exchange.settings().limits;
    const auto head = exchange.parser.parse(exchange.in.text(), exchange.request, limits);
    if (!head) {
        exchange.head_error = head.error();
        exchange.request.keep_alive = false;
        return Head::bad;
    }
    const auto& bytes = *head;
    if (!bytes) return Head::awaited;
    exchange.head_bytes = *bytes;
    return Head::ready;
}

Transfer::State ClientConnection::receive(Buffer& in)
{
    if (!in.has_block()) in = Buffer(loop_.rooms().blocks);
    if (in.room().empty()) in.make_room();
    const auto got = socket_.read(in.room());
    if (got.state == Transfer::State::moved) in.added(got.bytes);
    return got.state;
}

/// What has arrived since the last look. The first bytes begin the time that a head may take.
ClientConnection::Head ClientConnection::judge_arrived(Exchange& exchange, bool& begun)
{
    auto& limit = exchange.patience;
    auto head = parse_head(exchange);
    exchange.parsed_up_to = head == Head::awaited ? exchange.in.size() : 0;
    if (head == Head::awaited && exchange.in.size() == exchange.in.capacity()) {
        exchange.head_error = ParseError::head_too_large;
        head = Head::bad;
    }
    if (head != Head::awaited) {
        limit.clear();
    } else if (!std::exchange(begun, true)) {
        limit.arm(loop_.rooms().timers, exchange.settings().deadlines.head, exchange.waiter);
    }
    return head;
}

/// Whether to wait for the client no longer, and what that means.
ClientConnection::Head ClientConnection::end_of_patience(Exchange& exchange, bool begun) const
{
    if (exchange.stopped || (draining_ && !begun)) return Head::none;
    const bool may_wait = begun || !loop_.is_crowded();
    if (may_wait && !exchange.patience.has_passed()) return Head::awaited;
    if (begun) return Head::late;
    exchange.silent = true;
    return Head::none;
}

void ClientConnection::prepare_wait(Exchange& exchange)
{
    if (!exchange.patience.is_armed()) {
        const auto keep = exchange.settings().deadlines.keep_alive;
        exchange.patience.arm(loop_.rooms().timers, std::min(keep, hot_for), exchange.waiter);
    }
    socket_.wake_when_readable(exchange.waiter);
}

/// What can be said of the next head without waiting. `begun`: its first bytes have arrived.
ClientConnection::Head ClientConnection::look_for_head(Exchange& exchange, bool& begun)
{
    for (;;) {
        exchange.generation = &loop_.generation();
        const bool wants_more = exchange.in.size() <= exchange.parsed_up_to;
        if (wants_more && socket_.may_have_data() && has_ended(receive(exchange.in)))
            return Head::none;
        if (exchange.in.size() > exchange.parsed_up_to) {
            const auto head = judge_arrived(exchange, begun);
            if (head != Head::awaited) return head;
            continue;
        }
        if (socket_.may_have_data()) continue;
        if (exchange.in.empty()) exchange.in = Buffer(); // nobody waits with a block in hand
        return end_of_patience(exchange, begun);
    }
}

} // namespace gatehouse::gateway
