#include "auth/tokens/key_schedule.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::auth {

namespace {

using config::Algorithm;
using Keys = std::vector<RingKey>;

[[nodiscard]] auto find_state(Keys& keys, KeyState state)
{
    return std::ranges::find(keys, state, &RingKey::state);
}

[[nodiscard]] const RingKey* next_of(const Keys& keys)
{
    const auto found = std::ranges::find(keys, KeyState::next, &RingKey::state);
    return found == keys.end() ? nullptr : &*found;
}

[[nodiscard]] RingKey new_next(Algorithm algorithm, const KeyTerms& terms, Seconds now)
{
    return {jose::Key::generate(algorithm), KeyState::next, now, {}, now + terms.publish_ahead};
}

[[nodiscard]] Keys first_list(Algorithm algorithm, Seconds now)
{
    return {
        {jose::Key::generate(algorithm), KeyState::active, now, {}, now},
        {jose::Key::generate(algorithm), KeyState::next,   now, {}, now}
    };
}

/// Sees to it that a key of this algorithm waits for its turn. true: it did not.
[[nodiscard]] bool provide_next(Keys& keys, Algorithm algorithm, const KeyTerms& terms, Seconds now)
{
    const bool changed =
        std::erase_if(keys, [&](const RingKey& each) {
            return each.state == KeyState::next && each.key->algorithm() != algorithm;
        }) > 0;
    if (find_state(keys, KeyState::next) != keys.end()) return changed;
    keys.push_back(new_next(algorithm, terms, now));
    return true;
}

/// The algorithm stays that of the keys: settings of one process among many do not decide it.
void promote(Keys& keys, std::chrono::seconds retired_life, const KeyTerms& terms, Seconds now)
{
    const auto next = find_state(keys, KeyState::next);
    if (next == keys.end()) return;
    const auto active = find_state(keys, KeyState::active);
    active->state = KeyState::retired;
    active->verify_until = now + retired_life;
    next->state = KeyState::active;
    keys.push_back(new_next(next->key->algorithm(), terms, now));
}

[[nodiscard]] bool is_over(const RingKey& key, Seconds now)
{
    return key.verify_until && *key.verify_until <= now;
}

void rotate(KeySet& keys, const KeyTerms& terms, Seconds now)
{
    promote(keys.access, terms.retired_access, terms, now);
    promote(keys.refresh, terms.retired_refresh, terms, now);
    keys.rotation_wanted = false;
}

[[nodiscard]] bool forget(KeySet& keys, Seconds now)
{
    const auto over = [&](const RingKey& each) { return is_over(each, now); };
    return std::erase_if(keys.access, over) + std::erase_if(keys.refresh, over) > 0;
}

} // namespace

KeySet first_keys(const KeyTerms& terms, Seconds now)
{
    return {first_list(terms.algorithm, now), first_list(Algorithm::hs256, now), false};
}

bool follow_settings(KeySet& keys, const KeyTerms& terms, Seconds now)
{
    bool changed = provide_next(keys.access, terms.algorithm, terms, now);
    changed = provide_next(keys.refresh, Algorithm::hs256, terms, now) || changed;
    const auto active = find_state(keys.access, KeyState::active);
    if (active->key->algorithm() != terms.algorithm && !keys.rotation_wanted) {
        keys.rotation_wanted = true;
        changed = true;
    }
    return changed;
}

std::optional<Seconds> rotation_due(const KeySet& keys, const KeyTerms& terms)
{
    const auto* next = next_of(keys.access);
    if (next == nullptr) return std::nullopt;
    const bool by_itself = terms.rotate_every.count() > 0;
    if (!keys.rotation_wanted && !by_itself) return std::nullopt;

    // A next key is made when its predecessor begins to sign: its age is that of the last rotation.
    auto due = keys.rotation_wanted ? next->created : next->created + terms.rotate_every;
    if (!enforced("keys.known_before_signing")) return due;
    due = std::max(due, next->signs_from);
    if (const auto* refresh = next_of(keys.refresh)) due = std::max(due, refresh->signs_from);
    return due;
}

KeyStep decide_key_step(const KeySet& keys, const KeyTerms& terms, Seconds now)
{
    const auto due = rotation_due(keys, terms);
    if (due && *due <= now) return KeyStep::rotate;
    const auto over = [&](const RingKey& each) { return is_over(each, now); };
    const bool any_over =
        std::ranges::any_of(keys.access, over) || std::ranges::any_of(keys.refresh, over);
    return any_over ? KeyStep::forget : KeyStep::none;
}

bool take_key_step(KeySet& keys, const KeyTerms& terms, Seconds now)
{
    const bool rotates = decide_key_step(keys, terms, now) == KeyStep::rotate;
    if (rotates) rotate(keys, terms, now);
    return forget(keys, now) || rotates;
}

std::ostream& operator<<(std::ostream& out, KeyStep step)
{
    switch (step) {
    case KeyStep::none:
        return out << "none";
    case KeyStep::rotate:
        return out << "rotate";
    case KeyStep::forget:
        return out << "forget";
    }
    return out << "unknown";
}

} // namespace gatehouse::auth
