#include "config/basics/enforced.hpp"
#include "gateway/headers/client.hpp"
#include "gateway/net/unix_socket.hpp"
#include "gateway/pipeline/serve_steps.hpp"
#include "gateway/pipeline/unheard_proxy.hpp"

#include <exception>

namespace gatehouse::gateway {
namespace {

constexpr std::string_view go_ahead = "HTTP/1.1 100 Continue\r\n\r\n";

/// Collects a whole body, which is small or refused. Nothing: all of it is in exchange.kept_body.
class Collector {
public:
    Collector(Exchange& exchange, std::uint64_t largest) : exchange_(exchange), largest_(largest)
    {
        reader_.begin(exchange.request.framing, largest);
    }

    [[nodiscard]] bool announces_too_much() const noexcept
    {
        const auto& framing = exchange_.request.framing;
        return framing.kind == BodyKind::length && framing.length > largest_;
    }

    [[nodiscard]] bool done() const noexcept { return reader_.done(); }

    /// Takes what has arrived, off the exchange's buffer.
    [[nodiscard]] std::optional<RefusalCode> take()
    {
        const auto piece = reader_.take(exchange_.behind_head());
        if (!piece) {
            return piece.error() == BodyError::too_large ? RefusalCode::body_too_large
                                                         : RefusalCode::bad_request;
        }
        exchange_.kept_body.append(piece->data.data(), piece->data.size());
        exchange_.take_from_behind_head(piece->consumed);
        return std::nullopt;
    }

private:
    Exchange& exchange_;
    BodyReader reader_;
    std::uint64_t largest_;
};

/// The body is not wanted any more: whatever comes of it is not the next request.
Task<After> give_up(Exchange& exchange, Rooms& rooms, RefusalCode code)
{
    exchange.request.keep_alive = false;
    return refuse(exchange, rooms, code);
}

/// Invites the body. It may have to wait for room, as any answer: a client may send requests before
/// it reads what it was told so far.
Task<After> send_go_ahead(Exchange& exchange, Rooms& rooms)
{
    const auto after = co_await send_answer(exchange, rooms, go_ahead, {}, After::keep);
    exchange.bytes_out = 0; // which are those of the answer
    co_return after;
}

/// false: nothing has arrived.
Result<bool, RefusalCode> read_piece(Exchange& exchange, Collector& body)
{
    if (exchange.in.room().empty()) return RefusalCode::headers_too_large;
    const auto got = exchange.client.socket->read(exchange.in.room());
    if (got.state == Transfer::State::would_block) return false;
    // Nobody is there to read what is said now.
    if (got.state != Transfer::State::moved) return RefusalCode::bad_request;
    exchange.in.added(got.bytes);
    if (const auto refused = body.take()) return *refused;
    return true;
}

void prepare_wait(Exchange& exchange, Rooms& rooms)
{
    if (!exchange.patience.is_armed()) {
        const auto gap = exchange.settings().deadlines.body_gap;
        exchange.patience.arm(rooms.timers, gap, exchange.waiter);
    }
    exchange.client.socket->wake_when_readable(exchange.waiter);
}

/// Nothing: exchange.kept_body is whole. Else all is said that will be.
Task<std::optional<After>> collect_body(Exchange& exchange, Rooms& rooms)
{
    Collector body(exchange, exchange.settings().auth.max_body_bytes);
    if (enforced("serve.local_max_body") && body.announces_too_much()) {
        co_return co_await refuse(exchange, rooms, RefusalCode::body_too_large);
    }
    auto& limit = exchange.patience;
    if (const auto refused = body.take()) {
        co_return co_await give_up(exchange, rooms, *refused);
    }
    if (exchange.request.expects_continue && !body.done()) {
        const auto after = co_await send_go_ahead(exchange, rooms);
        if (after == After::cut) co_return after;
    }
    while (!body.done()) {
        const auto arrived = read_piece(exchange, body);
        if (!arrived) co_return co_await give_up(exchange, rooms, arrived.error());
        if (*arrived) {
            limit.clear();
            continue;
        }
        if (exchange.stopped || limit.has_passed())
            co_return co_await give_up(exchange, rooms, RefusalCode::request_timeout);
        prepare_wait(exchange, rooms);
        co_await exchange.waiter.sleep();
    }
    limit.clear();
    exchange.request.framing = {}; // nothing of it is left to be read or dropped
    co_return std::nullopt;
}

/// No exception crosses the request path: what an endpoint throws (no memory) is its refusal.
Task<LocalResponse> ask_endpoint(LocalEndpoint& endpoint, const LocalRequest& request)
{
    LocalResponse failed;
    try {
        co_return co_await endpoint.answer(request);
    } catch (const std::exception& error) {
        failed.refusal = Refusal(RefusalCode::overloaded, error.what());
    }
    co_return failed;
}

} // namespace

LocalRequest describe_request(Exchange& exchange, std::string_view path)
{
    const auto& request = exchange.request;
    const auto& side = exchange.client;
    const auto client = client_of(request, side.peer(), exchange.generation->runtime->clients);
    const auto question = request.origin_target.find('?');
    LocalRequest local;
    local.method = request.method;
    local.path = path;
    if (question != std::string_view::npos) {
        local.query = request.origin_target.substr(question + 1);
    }
    local.fields = request.fields;
    local.body = exchange.kept_body;
    local.body_depth = exchange.settings().auth.max_depth;
    local.peer_address = side.address;
    local.client_address = client.address;
    local.peer_is_trusted = side.trusted;
    local.secure = client.secure;
    local.host = request.host;
    local.request_id = exchange.id.text();
    local.notes = exchange.trace.notes();
    return local;
}

Task<After> answer_locally(Exchange& exchange, Rooms& rooms, LocalEndpoint& endpoint,
                           std::string_view path)
{
    exchange.upstream_name = "local";
    exchange.scratch.judged_path = path;
    if (path.empty()) co_return co_await refuse(exchange, rooms, RefusalCode::bad_request);

    const auto ended = co_await collect_body(exchange, rooms);
    if (ended) co_return *ended;

    const bool heard = exchange.client.trusted || exchange.client.only != nullptr;
    if (!heard && names_a_client(exchange.request)) note_unheard(exchange, rooms);

    const auto deciding = deciding_rooms(exchange, rooms);
    auto request = describe_request(exchange, path);
    request.deciding = &deciding;
    if (exchange.client.only != nullptr) {
        const int socket = exchange.client.socket->native();
        request.unix_user = unix_user_of(socket);
        if (request.unix_user) request.unix_socket = socket;
    }
    auto response = co_await ask_endpoint(endpoint, request);
    exchange.principal.user_id = response.user_id;
    if (response.would_refuse) {
        rooms.counters.reported(*response.would_refuse);
        exchange.would_refuse = to_string(*response.would_refuse);
    }
    if (response.refusal) {
        co_return co_await refuse_with(exchange, rooms, *response.refusal, response.fields);
    }

    const auto ending = ending_of(exchange, rooms);
    const Framing framing{BodyKind::length, response.body.size()};
    HeadWriter head(rooms.desk);
    write_local_head(head, response.status, response.fields,
                     delivery_to(exchange, rooms, framing, ending.keep_alive));
    if (exchange.request.method == "HEAD" || response.status == 204 || response.status == 304)
        response.body.clear();
    exchange.status = response.status;
    co_return co_await send_answer(exchange, rooms, head.written(), response.body, ending.after);
}

} // namespace gatehouse::gateway
