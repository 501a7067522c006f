#pragma once

#include "config/settings/treatment.hpp"
#include "gateway/compress/encoded_head.hpp"
#include "gateway/headers/cors.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::gateway {

struct HeaderPlan;
struct RateFields;
struct TemplateFacts;

/// What a route changes of an answer.
struct AnswerChanges {
    const HeaderPlan& plan;
    const TemplateFacts& facts;
};

/// How an answer travels to this client: what every head we write downstream needs.
struct Delivery {
    Framing body; // as it will be sent; none: no body (HEAD, 204, 304, 1xx)
    bool head_request = false;
    bool keep_alive = true; // false: `Connection: close`
    Version client = Version::http_1_1;
    std::string_view date;                      // HttpDate::text()
    const config::CorsSettings* cors = nullptr; // of the route or the auth API
    std::string_view origin;                    // the request's Origin
    /// Cookies that upstreams may not set; none: nobody looks.
    std::span<const std::string> guarded_cookies;
    /// Fields of ours that go with the upstream's: cookies of a session that was renewed. Such an
    /// answer is kept nowhere, whatever the upstream says of that.
    std::span<const std::pair<std::string, std::string>> added;
    const RateFields* rates = nullptr; // what the client is told of its rates
    std::string_view hsts{}; // Strict-Transport-Security, in the place of the upstream's; or empty
    const CodingFields* coding = nullptr;   // of an answer that may be compressed
    const AnswerChanges* changes = nullptr; // of what an upstream says
    config::SecurityHeaders security = config::SecurityHeaders::off; // of upstreams and refusals
};

/// An upstream's response head as the client gets it: hop-by-hop fields and the upstream's framing
/// left out, ours written once, Date kept or added, CORS fields ours where the route has any.
/// HEAD and 304 keep the upstream's Content-Length, which describes a body that is not sent.
void write_downstream_head(HeadWriter& out, const ResponseHead& head,
                           const Delivery& delivery) noexcept;

inline constexpr unsigned switching_protocols = 101;

/// The head of the 101 that makes a WebSocket of the connection; `protocol`, unless empty, is the
/// one that the client is told.
void write_switching_head(HeadWriter& out, const ResponseHead& head, const Delivery& delivery,
                          std::string_view protocol) noexcept;

using ExtraFields = std::span<const std::pair<std::string, std::string>>;

/// The head of an answer of our own (auth API, admin): `delivery.body` says the length.
/// A field whose name or value would break the head is left out.  R22
void write_local_head(HeadWriter& out, unsigned status, ExtraFields fields,
                      const Delivery& delivery) noexcept;

/// The same in three steps, for answers that write fields of their own in between. `body` is how it
/// is sent, in the place of `delivery.body`.
void begin_local_head(HeadWriter& out, unsigned status) noexcept;
void write_extra_fields(HeadWriter& out, ExtraFields fields) noexcept;
void end_local_head(HeadWriter& out, const Delivery& delivery, const Framing& body) noexcept;

/// "Not Found" for 404; empty for a status this gateway never makes itself.
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;

} // namespace gatehouse::gateway
