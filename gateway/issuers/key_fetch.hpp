#pragma once

#include "auth/jose/key.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

class Errand;

/// What came back when an issuer was asked.
struct FetchAnswer {
    unsigned status = 0; // 0: nothing that can be used
    std::string body;
    std::optional<std::chrono::seconds> max_age; // of Cache-Control
    std::string why;                             // of status 0
};

/// `max-age` of a Cache-Control, and 0 where it says no-store or no-cache.  RFC 9111, 5.2.2
[[nodiscard]] std::optional<std::chrono::seconds> max_age_in(std::string_view cache_control);

/// Where an issuer publishes what it is: `<issuer>/.well-known/openid-configuration`.
/// OpenID Connect Discovery 1.0, 4
[[nodiscard]] std::string discovery_url(std::string_view issuer);

/// Where keys are.
struct KeyPlace {
    std::string url;
};

/// Where such a document says that the keys are. Refused: no strict JSON, another issuer than the
/// one that was asked (4.3), no URL, and one without TLS where the document came with it. Error: a
/// sentence.
[[nodiscard]] Result<KeyPlace, auth::jose::KeyError> key_place_in(std::string_view document,
                                                                  std::string_view issuer);

/// Asks for documents, one at a time, on a thread that may wait. Certificates are verified,
/// redirects not followed, proxies of the environment not used, and what is larger than a JWKS may
/// be is not read.
class KeyFetch {
public:
    struct Terms {
        std::string ca; // file; empty: the system's
        std::chrono::milliseconds timeout{};
    };

    KeyFetch();
    KeyFetch(const KeyFetch&) = delete;
    KeyFetch& operator=(const KeyFetch&) = delete;
    ~KeyFetch();

    /// `give_up` is asked ten times a second.
    [[nodiscard]] FetchAnswer get(const std::string& url, const Terms& terms,
                                  const std::function<bool()>& give_up);

private:
    std::unique_ptr<Errand> errand_;
};

} // namespace gatehouse::gateway
