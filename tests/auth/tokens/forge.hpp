#pragma once

#include "auth/basics/clock.hpp"
#include "auth/basics/id.hpp"
#include "auth/jose/base64url.hpp"
#include "auth/jose/key.hpp"
#include "auth/tokens/claims.hpp"
#include "auth/tokens/key_ring.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::auth::testing {

using namespace std::chrono_literals;

inline constexpr Seconds noon{std::chrono::seconds(1'790'000'000)};

/// Stands still until told.
class StoppedClock final : public Clock {
public:
    Millis time{noon};

    [[nodiscard]] Millis now() const noexcept override { return time; }
};

/// A token with any header and payload, well signed by `key`: the attacker who has everything but
/// a token of ours, and the tester who wants to break one rule at a time.
[[nodiscard]] inline std::string forge(const jose::Key& key, std::string_view header,
                                       std::string_view payload)
{
    auto token = jose::encode_base64url(header) + '.' + jose::encode_base64url(payload);
    return token + '.' + jose::encode_base64url(key.sign(token));
}

[[nodiscard]] inline std::shared_ptr<const KeyRing> make_ring(jose::Algorithm algorithm,
                                                              std::uint64_t generation = 1)
{
    std::vector<RingKey> access{
        {jose::Key::generate(algorithm), KeyState::active, noon, {}}
    };
    std::vector<RingKey> refresh{
        {jose::Key::generate(jose::Algorithm::hs256), KeyState::active, noon, {}}
    };
    return std::make_shared<const KeyRing>(std::move(access), std::move(refresh), generation);
}

[[nodiscard]] inline AccessClaims access_claims(std::string user = "alice")
{
    AccessClaims claims;
    claims.user_id = std::move(user);
    claims.session_id = Id128{1, 2}.to_string();
    claims.jti = Id128{3, 4}.to_string();
    claims.issued_at = noon;
    claims.expires_at = noon + 1h;
    return claims;
}

[[nodiscard]] inline RefreshClaims refresh_claims()
{
    RefreshClaims claims;
    claims.user_id = "alice";
    claims.session_id = Id128{1, 2}.to_string();
    claims.generation = 7;
    claims.issued_at = noon;
    claims.expires_at = noon + 24h;
    return claims;
}

} // namespace gatehouse::auth::testing
