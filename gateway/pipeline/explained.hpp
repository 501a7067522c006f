#pragma once

#include "gateway/net/tls/client_certificate.hpp"
#include "gateway/pipeline/decision.hpp"
#include "gateway/runtime/rooms.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::gateway {

/// A request that nobody has sent.
struct Question {
    std::string method = "GET";
    std::string target;
    std::string host = "localhost";
    std::string token;                 // "": none
    std::string peer = "127.0.0.1";    // who connects
    std::vector<std::string> fields{}; // further lines of the head, "Name: value"
    /// What it shows at the first listener that asks for certificates, as if that had verified it;
    /// its time counts all the same.
    std::optional<ClientCertificate> certificate{};
};

/// For whom the peer speaks.
struct ExplainedClient {
    std::string peer;
    bool trusted = false;
    std::string address;
    std::string scheme;
    std::string reason;
};

/// What becomes of it and why.
struct Explained {
    enum class Outcome : std::uint8_t {
        refused,
        answered, // by the gateway itself
        forwarded
    };

    Outcome outcome = Outcome::refused;
    std::string path;                  // as judged; "": it did not come so far
    bool decided = false;              // routes were asked
    std::optional<std::size_t> route;  // its place among the routes
    std::vector<std::string> limits{}; // of that route: `user: 10 per 1s by user, 20 at once`
    Refusal refusal{};                 // of `refused`
    std::string reason;
    ExplainedClient client{};   // of what could be read
    std::string certificate{};  // of one that is shown: whose it is, or that nobody looks at it
    std::string would_refuse{}; // on a route with `report_only`: `401 token_missing`
    std::string sign_in{}; // of `refused`: where a browser that shows no bearer is sent instead
    std::string to; // of `forwarded`: where it would go, described(); of a redirect its Location
    std::vector<std::string> head{}; // of `forwarded`: the lines that the upstream would get
};

/// Asks what serves requests: the parser, the decision and the rewriting of heads. `deciding` is
/// called once the request can be read and is not for the gateway itself; null there: nothing is
/// explained.
[[nodiscard]] std::optional<Explained>
explain(const Question& question, const Runtime& runtime, auth::Seconds now,
        const std::function<const DecisionRooms*()>& deciding);

/// What requests of a route have to keep to, by name. Nothing is counted.
[[nodiscard]] std::vector<std::string> limit_texts(const config::Settings& settings,
                                                   std::size_t route);

/// `routes[2] /orders/** (auth: required, roles: [clerk]) -> orders`
[[nodiscard]] std::string route_text(const config::Settings& settings, std::size_t route);

} // namespace gatehouse::gateway
