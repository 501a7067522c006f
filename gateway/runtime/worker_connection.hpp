#pragma once

#include "gateway/headers/certificate_fields.hpp"
#include "gateway/net/address.hpp"
#include "gateway/net/buffer.hpp"
#include "gateway/net/proxy_protocol.hpp"
#include "gateway/net/socket.hpp"
#include "gateway/net/timers.hpp"
#include "gateway/net/tls/handshakes.hpp"
#include "gateway/net/tls/ssl_pointer.hpp"
#include "gateway/pipeline/serve.hpp"

#include <boost/intrusive/list_hook.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace gatehouse::gateway {

class LimitBook;
class WorkerLoop;

/// What an address wants of those who connect there.
struct Entrance {
    LocalEndpoint* only = nullptr;           // of an admin listener, answers everything
    bool proxy_header = false;               // first of all a header of the PROXY protocol
    SSL_CTX* tls = nullptr;                  // then a handshake
    std::optional<std::uint16_t> to_https{}; // all requests are sent on, to this port
};

/// One client connection. Between requests it is nothing but a watched socket and a deadline;
/// a coroutine and an exchange exist only while requests come.
class ClientConnection final : public boost::intrusive::list_base_hook<>, private Wakeable {
public:
    ClientConnection(WorkerLoop& loop, Socket socket, const SocketAddress& peer, Entrance entrance);

    void start() noexcept;
    enum class Parting : std::uint8_t { slow, at_once };

    /// Too many connections: says so and ends, `slow` so that the client surely hears it.
    void turn_away(Parting parting);

    /// On an admin listener.
    [[nodiscard]] bool is_operators() const noexcept { return only_ != nullptr; }

    [[nodiscard]] bool is_trusted() const noexcept { return trusted_; }

    /// Is counted as one of its address's, if that has fewer than `most`.
    [[nodiscard]] bool take_place(LimitBook& book, std::uint32_t most);
    void give_place_back(LimitBook& book) noexcept;

    /// Ends what would go on for ever, a WebSocket; all else may take its time.
    void leave();
    /// The same, and ends if no request is running, but waits a moment for the first one; otherwise
    /// the running answer is the last.
    void drain();
    /// Ends now, whatever is running.
    void stop();

private:
    enum class State : std::uint8_t { announced, shaking_hands, idle, serving, lingering };
    enum class Head : std::uint8_t { ready, bad, late, none, awaited }; // none: it will not come

    void wake() noexcept override;
    void await_announcement() noexcept;
    void hear_announcement() noexcept;
    void shut_out(ProxyRefusal why) noexcept;
    void begin() noexcept;
    void begin_tls() noexcept;
    void shake_hands() noexcept;
    void end_handshake(HandshakeEnd how) noexcept;
    void refuse_handshake(Parting parting) noexcept;
    void begin_requests() noexcept;
    [[nodiscard]] std::chrono::milliseconds patience_in_drain() const noexcept;
    void go_idle(std::chrono::milliseconds keep);
    void begin_serving(Buffer arrived) noexcept;
    Task<void> serve_requests(std::unique_ptr<Exchange> exchange);
    [[nodiscard]] Task<After> answer(Exchange& exchange, Head head);
    void follow(const Runtime& runtime);
    void judge_peer(const Runtime& runtime);
    void judge_certificate(const Runtime& runtime);
    void take_certificate(const SSL& ssl, const Runtime& runtime);
    [[nodiscard]] bool is_certificate_good(auth::Seconds now) const noexcept;
    enum class Asked : std::uint8_t { nothing, something };
    void pause_or_end(std::unique_ptr<Exchange> exchange, After after, Asked meanwhile);
    [[nodiscard]] Head look_for_head(Exchange& exchange, bool& begun);
    [[nodiscard]] Head judge_arrived(Exchange& exchange, bool& begun);
    [[nodiscard]] Head end_of_patience(Exchange& exchange, bool begun) const;
    void prepare_wait(Exchange& exchange);
    [[nodiscard]] Head parse_head(Exchange& exchange);
    [[nodiscard]] Transfer::State receive(Buffer& in);
    void end_with(After after, bool more_arrived);
    void linger();
    void drop_input();

    WorkerLoop& loop_;
    Socket socket_;
    SslContextPtr context_; // until the handshake begins
    AddressText peer_;
    LocalEndpoint* only_;
    Deadline limit_;
    TimerWheel::Time idle_until_{};   // by the last request, whatever else has arrived
    std::uint64_t dropped_bytes_ = 0; // while lingering
    std::uint64_t counted_as_ = 0;    // by its address; 0: it is not
    Exchange* exchange_ = nullptr;    // while serving
    State state_ = State::idle;
    std::uint64_t judged_by_;                 // the generation that says so:
    std::unique_ptr<ShownCertificate> shown_; // null: the client has shown none
    HandshakeEnd handshake_ = HandshakeEnd::left;
    bool let_in_ = true; // by what its listener wants of certificates now
    bool trusted_ = false;
    bool wants_announcement_;
    std::optional<std::uint16_t> to_https_;
    bool fresh_ = true; // nothing was asked yet
    bool leaving_ = false;
    bool draining_ = false;
};

} // namespace gatehouse::gateway
