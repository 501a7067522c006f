#include "auth/tokens/key_ring.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <cassert>

namespace gatehouse::auth {

namespace {

[[nodiscard]] const jose::Key* active_of(const std::vector<RingKey>& keys)
{
    const auto found = std::ranges::find(keys, KeyState::active, &RingKey::state);
    assert(found != keys.end()); // KeyKeeper builds no ring that cannot sign
    return found->key.get();
}

[[nodiscard]] bool verifies(const RingKey& key, Seconds now) noexcept
{
    if (!enforced("keys.retired_until")) return true;
    return !key.verify_until || now < *key.verify_until;
}

[[nodiscard]] const jose::Key* verifier_of(const std::vector<RingKey>& keys, std::string_view kid,
                                           Seconds now) noexcept
{
    for (const auto& each : keys) {
        if (each.key->kid() == kid) return verifies(each, now) ? each.key.get() : nullptr;
    }
    return nullptr;
}

} // namespace

KeyRing::KeyRing(std::vector<RingKey> access, std::vector<RingKey> refresh,
                 std::uint64_t generation)
    : access_(std::move(access)),
      refresh_(std::move(refresh)),
      access_signer_(active_of(access_)),
      refresh_signer_(active_of(refresh_)),
      generation_(generation)
{
}

const jose::Key* KeyRing::access_verifier(std::string_view kid, Seconds now) const noexcept
{
    return verifier_of(access_, kid, now);
}

const jose::Key* KeyRing::refresh_verifier(std::string_view kid, Seconds now) const noexcept
{
    return verifier_of(refresh_, kid, now);
}

std::string KeyRing::jwks(Seconds now) const
{
    std::string text = R"({"keys":[)";
    bool first = true;
    for (const auto& each : access_) {
        const auto jwk = each.key->public_jwk();
        if (jwk.empty() || !verifies(each, now)) continue; // HS256 has no public half
        if (!first) text += ',';
        text += jwk;
        first = false;
    }
    return text + "]}";
}

std::string_view to_string(KeyState state) noexcept
{
    switch (state) {
    case KeyState::next:
        return "next";
    case KeyState::active:
        return "active";
    case KeyState::retired:
        return "retired";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, KeyState state)
{
    return out << to_string(state);
}

} // namespace gatehouse::auth
