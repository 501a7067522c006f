#pragma once

#include "gateway/headers/downstream_head.hpp"
#include "gateway/pipeline/serve.hpp"

namespace gatehouse::gateway {

class Conversation;

// The steps behind serve(). Nobody else calls them.

/// Forwards the request as exchange.admission says and relays the answer.
[[nodiscard]] Task<After> forward(Exchange& exchange, Rooms& rooms);

/// Sends whoever was admitted where the route leads.
[[nodiscard]] Task<After> redirect(Exchange& exchange, Rooms& rooms);

/// Makes a WebSocket of an exchange whose handshake was answered by a 101 that is one, and serves
/// it to its end.
[[nodiscard]] Task<After> serve_websocket(Exchange& exchange, Rooms& rooms, Socket& upstream,
                                          Conversation& conversation);

/// Lets one of our own endpoints answer: the auth API, the admin pages.
[[nodiscard]] Task<After> answer_locally(Exchange& exchange, Rooms& rooms, LocalEndpoint& endpoint,
                                         std::string_view path);

/// Tells the client to come over TLS, or refuses where that would lead anywhere else.
[[nodiscard]] Task<After> send_to_https(Exchange& exchange, Rooms& rooms);

/// When a request is decided about: rates count it once.
enum class Round : std::uint8_t { first, after_renewal };

/// Decides about a request, with `renewed` in place of its cookie unless that is empty.
[[nodiscard]] Result<Admission, Refusal> decide_and_count(Exchange& exchange, Rooms& rooms,
                                                          const Destination& destination,
                                                          Round round, std::string_view renewed);

/// The principal belongs to the authenticator and lives until the next request asks it; ours stays
/// while this request waits for its upstream.
void keep_admission(Exchange& exchange, const Admission& admission);

/// What comes of a decision.
[[nodiscard]] Task<After> go_on(Exchange& exchange, Rooms& rooms,
                                const Result<Admission, Refusal>& admission);

/// Renews the session as exchange.scratch says, decides again and goes on; whatever answers, the
/// new cookies go with it.
[[nodiscard]] Task<After> renew_and_go_on(Exchange& exchange, Rooms& rooms);

/// Refuses a request to an upstream, and clears the cookies of a session that has ended.
[[nodiscard]] Task<After> refuse_request(Exchange& exchange, Rooms& rooms, const Refusal& refusal);

/// Whether browsers are shown the way to sign in where this request went to.
[[nodiscard]] bool may_send_to_sign_in(const Exchange& exchange) noexcept;

/// The refusal, or for a browser that wants a page the way to sign in, and back here.
[[nodiscard]] Task<After> refuse_or_send_to_sign_in(Exchange& exchange, Rooms& rooms,
                                                    const Refusal& refusal);

/// The request as our own endpoints get it. Views into the exchange.
[[nodiscard]] LocalRequest describe_request(Exchange& exchange, std::string_view path);

/// Answers a CORS preflight. `methods` are the route's; none: the usual ones.
[[nodiscard]] Task<After> answer_preflight(Exchange& exchange, Rooms& rooms,
                                           const config::CorsSettings& cors,
                                           std::span<const std::string> methods);

/// Whether other requests are under way on this worker. Only then is there anything to gain from
/// sending together, and a request alone goes the shortest way.
[[nodiscard]] inline bool is_in_company(const Exchange& exchange) noexcept
{
    return exchange.generation->pins > 1;
}

/// What this request is decided with.
[[nodiscard]] DecisionRooms deciding_rooms(Exchange& exchange, const Rooms& rooms);

/// A refusal with fields of its own: cookies to clear and the like.
[[nodiscard]] Task<After> refuse_with(Exchange& exchange, Rooms& rooms, const Refusal& refusal,
                                      ExtraFields fields);

/// Sends a whole answer of ours: `head`, which stands on the desk, and `body`, which `encoder`
/// packs unless that is null. To be awaited at once, before anybody else writes a head.
[[nodiscard]] Task<After> send_answer(Exchange& exchange, Rooms& rooms, std::string_view head,
                                      std::span<char> body, After after,
                                      BodyEncoder* encoder = nullptr);

/// The answer of ours to a request that no client waits for.
[[nodiscard]] Task<After> told_nobody();

/// How an answer of ours leaves the connection, and so what its head says.
struct Ending {
    bool keep_alive = false;
    After after = After::close;
};

/// Drops the request's body if all of it has arrived: then the connection may be used again.
[[nodiscard]] Ending ending_of(Exchange& exchange, const Rooms& rooms);

/// What the head of any answer to this request has to say about the connection and CORS.
[[nodiscard]] Delivery delivery_to(const Exchange& exchange, Rooms& rooms, Framing body,
                                   bool keep_alive);

} // namespace gatehouse::gateway
