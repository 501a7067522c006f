#pragma once

#include "auth/tokens/principal.hpp"
#include "gateway/cache/cache_plan.hpp"
#include "gateway/compress/answer_encoding.hpp"
#include "gateway/headers/certificate_fields.hpp"
#include "gateway/headers/request_ids.hpp"
#include "gateway/http/head.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"
#include "gateway/limits/held_limits.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/socket.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/tls/handshakes.hpp"
#include "gateway/net/turn.hpp"
#include "gateway/net/waiter.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/pipeline/local_endpoint.hpp"
#include "gateway/pipeline/serve_rooms.hpp"
#include "gateway/relay/body_pump.hpp"
#include "gateway/trace/request_trace.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// One direction of an exchange: its pump, how that stands, and how long it may stand still.
struct Direction final : Turn::Place {
    BodyPump pump;
    BodyPump::State state = BodyPump::State::done;
    Deadline limit;

    /// Does what can be done now.
    void step()
    {
        unlink(); // from a line it stands in
        state = pump.step();
    }

    enum class Wake : std::uint8_t { on_failure, always };

    /// A message that is all there, and short, is sent at the end of the turn, after which `whom`
    /// is woken as `when` says; until then it is_lined_up(). Any other message begins at once, as
    /// by step().
    void line_up(Turn& turn, Wakeable& whom, Wake when);

    [[nodiscard]] bool is_lined_up() const noexcept { return is_linked(); }

    /// Asks to be woken when the pump may go on. A deadline runs while it stands still for one
    /// reason, `gap` when the sender is silent and `stall` when the receiver takes nothing.
    struct Patience {
        std::chrono::milliseconds gap;
        std::chrono::milliseconds stall;
    };

    void wait(Socket& source, Socket& sink, Patience patience, Timers& timers, Waiter& waiter);
    void end() noexcept;

private:
    bool send() noexcept override
    {
        state = pump.send_gathered();
        return wake_ == Wake::always || state != BodyPump::State::done;
    }

    Wake wake_ = Wake::always;

    BodyPump::State waited_in_ = BodyPump::State::done;
    std::uint64_t waited_at_ = 0; // bytes moved when the deadline began
};

/// The client's side of a request, as the connection knows it.
struct ClientSide {
    Socket* socket = nullptr;
    std::string_view address;
    bool trusted = false;
    bool tls = false;
    HandshakeEnd handshake = HandshakeEnd::left; // with `tls`
    LocalEndpoint* only = nullptr;               // of an admin listener
    std::optional<std::uint16_t> to_https{};     // came where everybody is sent on to this port
    /// Others serve from now on: what would go on for ever has to end. Of the connection.
    const bool* leaving = nullptr;
    /// There is none: a revalidation of the worker's own, of which only what is kept is wanted.
    bool nobody = false;
    /// What it has shown on this connection, for as long as that is believed.
    const ShownCertificate* certificate = nullptr;

    [[nodiscard]] Peer peer() const noexcept { return {address, trusted, tls}; }
};

/// What a request leaves behind for its connection.
enum class After : std::uint8_t {
    keep,   // the next request may follow
    close,  // everything was said
    linger, // the client may still be sending: let it see the answer before it sees a reset
    cut     // the answer is truncated, and must look so
};

/// Everything one request needs while it runs: buffers, views into them, the two directions.
/// Pooled by the worker and reused, so that a warm request allocates nothing.
struct Exchange {
    ClientSide client;
    Generation* generation = nullptr;

    Buffer in;                  // the request head, and what has arrived behind it
    std::size_t head_bytes = 0; // of the request, and of what was dropped behind its head
    RequestParser parser;
    std::size_t parsed_up_to = 0; // of a head that is still coming
    ParseError head_error{};      // of one that is none
    bool silent = false;          // no next request for a while
    RequestHead request;
    RequestId id;
    DecisionScratch scratch;
    Admission admission;       // of a request that is forwarded; its principal is the next line's
    auth::Principal principal; // a copy: the authenticator's own does not outlive a wait

    Buffer upstream_in; // the response head, and what has arrived behind it
    ResponseParser response_parser;
    ResponseHead response;

    Waiter waiter;
    Turn::Pause pause; // of a long body
    Direction upload;
    bool upload_begun = false;
    Direction answer;
    Deadline patience;     // of connecting, of the response head
    Deadline next_look;    // whether the client is still there
    std::string kept_body; // of a request to one of our own endpoints
    std::string kept_head; // by keep_head_only()
    /// Cookies that go with whatever answers, the upstream or a refusal.
    std::vector<std::pair<std::string, std::string>> own_fields;

    /// Null: none of its requests has met a limit yet.
    std::unique_ptr<HeldLimits> limits;

    /// Null: its route keeps no answers.
    std::unique_ptr<CachePlan> caching;

    /// Null: its answer is none that its route compresses for anybody.
    std::unique_ptr<AnswerEncoding> encoding;

    RequestTrace trace;

    // For the record.
    std::chrono::sys_time<std::chrono::milliseconds> at{};
    std::chrono::steady_clock::time_point began{};
    std::chrono::steady_clock::time_point admitted{}; // but for microseconds
    UpstreamCounters* asked = nullptr;                // whose upstream was chosen
    unsigned status = 0;
    std::uint64_t bytes_in = 0; // behind head and body: what came of a WebSocket
    std::uint64_t bytes_out = 0;
    std::uint64_t answer_head_bytes = 0; // of those
    std::string_view upstream_name;
    std::string_view refusal;
    std::string_view would_refuse; // on a route with `report_only`
    std::string reason;

    [[nodiscard]] const config::Settings& settings() const noexcept
    {
        return generation->runtime->settings;
    }

    /// What has arrived behind the head: the body, or its beginning, or the next request.
    [[nodiscard]] std::span<char> behind_head() noexcept { return in.bytes().subspan(head_bytes); }

    /// Takes bytes out from behind the head, which itself stays where it is.
    void take_from_behind_head(std::size_t bytes) noexcept;

    /// Bytes that arrived behind this request: the next one.
    [[nodiscard]] std::string_view next_request() noexcept;

    /// Gives the block with the request's head back: what is still asked of that stands in memory
    /// of its own size. For what lasts, once nothing is behind the head.
    void keep_head_only();

    /// Forgets the last request, keeps what it warmed.
    void begin_request() noexcept;
    /// Gives back what the request held; `in` keeps what has arrived of the next one.
    void end_request() noexcept;

    /// Ends whatever the request waits for: the worker stops.
    void stop() noexcept;
    bool stopped = false;
};

} // namespace gatehouse::gateway
