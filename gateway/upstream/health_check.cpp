#include "gateway/upstream/health_check.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/upstream_forms.hpp"
#include "gateway/http/response_parser.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;
// As many as anybody has a use for; an endpoint that sends nothing else is not well.
constexpr int most_interim_answers = 8;

HealthResult bad(RefusalCode why)
{
    return {false, std::string(to_string(why))};
}

/// Nothing: no more of it can be sent, for what `why` says.
Task<bool> send(Socket& socket, std::string_view request, const Connecting& connecting)
{
    while (!request.empty()) {
        const iovec piece{const_cast<char*>(request.data()), request.size()};
        const auto sent = socket.write({&piece, 1});
        if (sent.state == Transfer::State::moved) {
            request.remove_prefix(sent.bytes);
            continue;
        }
        if (sent.state != Transfer::State::would_block || connecting.limit.has_passed()) {
            co_return false;
        }
        socket.wake_when_writable(connecting.waiter);
        co_await connecting.waiter.sleep();
    }
    co_return true;
}

/// What a reader of heads has: bytes, and what they came to.
class HeadReader {
public:
    enum class State { more, done, broken };

    explicit HeadReader(BufferPool& blocks) : in_(blocks) {}

    State read(Socket& socket)
    {
        if (in_.room().empty()) in_.make_room();
        if (in_.room().empty()) return State::broken;
        const auto got = socket.read(in_.room());
        if (got.state == Transfer::State::would_block) return State::more;
        if (got.state != Transfer::State::moved) return State::broken;
        in_.added(got.bytes);
        return parse();
    }

    [[nodiscard]] unsigned status() const noexcept { return head_.status; }

    /// It has begun to answer.
    [[nodiscard]] bool has_begun() const noexcept { return !in_.empty() || interim_ != 0; }

private:
    State parse()
    {
        for (;;) {
            const auto end = parser_.parse(in_.text(), head_, "GET", limits_);
            if (!end) return State::broken;
            const auto& bytes = *end;
            if (!bytes) return State::more;
            if (head_.status >= 200) return State::done;
            if (++interim_ > most_interim_answers) return State::broken;
            in_.consume(*bytes);
            if (in_.empty()) return State::more;
        }
    }

    Buffer in_;
    ResponseParser parser_;
    ResponseHead head_;
    config::LimitSettings limits_;
    int interim_ = 0;
};

Task<HealthResult> converse(Socket& socket, const std::string& request,
                            const config::HealthCheckSettings& settings,
                            const Connecting& connecting, BufferPool& blocks)
{
    const bool sent = co_await send(socket, request, connecting);
    if (!sent) {
        co_return bad(connecting.limit.has_passed() ? RefusalCode::upstream_timeout
                                                    : RefusalCode::upstream_reset);
    }
    HeadReader head(blocks);
    for (;;) {
        const auto state = head.read(socket);
        if (state == HeadReader::State::done) co_return judge_health(head.status(), settings);
        if (state == HeadReader::State::broken) {
            co_return bad(head.has_begun() ? RefusalCode::upstream_protocol
                                           : RefusalCode::upstream_reset);
        }
        if (connecting.limit.has_passed()) co_return bad(RefusalCode::upstream_timeout);
        socket.wake_when_readable(connecting.waiter);
        co_await connecting.waiter.sleep();
    }
}

/// An event loop for one check.
struct Alone {
    asio::io_context io{1};
    Timers timers{io};
    Resolver resolver{io};
    BufferPool blocks{block_bytes, 1};
    Deadline limit;
    Waiter waiter;
};

} // namespace

std::string health_request(const EndpointTarget& target,
                           const config::HealthCheckSettings& settings)
{
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: gatehouse-health\r\n"
                       "Accept: */*\r\nConnection: close\r\n\r\n",
                       settings.path, settings.host.empty() ? target.host : settings.host);
}

HealthResult judge_health(unsigned status, const config::HealthCheckSettings& settings)
{
    const bool good = std::ranges::any_of(settings.statuses, [status](const auto& text) {
        const auto range = config::parse_status_range(text);
        return range && range->first <= status && status <= range->last;
    });
    return {good || !enforced("upstream.health_status"), fmt::format("answered {}", status)};
}

Task<HealthResult> check_health(const EndpointTarget& target,
                                const config::HealthCheckSettings& settings,
                                const Connecting& connecting, BufferPool& blocks)
{
    connecting.limit.arm(connecting.timers, connecting.patience, connecting.waiter);
    std::string why;
    auto with_reason = connecting;
    with_reason.reason = &why;
    auto socket = co_await open_socket(target, with_reason);
    HealthResult result;
    if (socket) {
        const auto request = health_request(target, settings);
        result = co_await converse(*socket, request, settings, connecting, blocks);
    } else {
        result = why.empty() ? bad(socket.error()) : HealthResult{false, why};
    }
    connecting.limit.clear();
    connecting.waiter.forget();
    co_return result;
}

HealthResult check_health_now(const EndpointTarget& target,
                              const config::HealthCheckSettings& settings)
{
    Alone alone;
    const Connecting connecting{.io = alone.io,
                                .timers = alone.timers,
                                .resolver = alone.resolver,
                                .waiter = alone.waiter,
                                .limit = alone.limit,
                                .patience = settings.timeout};
    HealthResult result = bad(RefusalCode::upstream_unreachable);
    bool done = false;
    auto checking = check_health(target, settings, connecting, alone.blocks);
    asio::co_spawn(alone.io, std::move(checking),
                   [&](const std::exception_ptr& failed, HealthResult found) {
                       done = true;
                       if (!failed) result = std::move(found);
                   });
    // A loop that has only a watch left to wait for would go on for ever.
    while (!done && alone.io.run_one() != 0) {
    }
    return result;
}

} // namespace gatehouse::gateway
