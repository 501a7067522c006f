#include "auth/tokens/key_import.hpp"

#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::auth {

namespace {

using Keys = std::vector<RingKey>;

[[nodiscard]] Result<KeySet, KeyError> alone(Result<jose::Key::Pointer, KeyError> key, Seconds now)
{
    if (!key) return key.error();
    KeySet keys;
    keys.access.push_back({*std::move(key), KeyState::active, now, {}, now});
    return keys;
}

[[nodiscard]] Result<KeySet, KeyError> read_json(std::string_view text, config::Algorithm preferred,
                                                 Seconds now)
{
    const auto document = json::read(text);
    if (!document) return KeyError("it is not JSON");
    if (document->find("access") != nullptr) return parse_key_set(text);
    const auto* set = document->find("keys");
    if (set == nullptr) return alone(jose::Key::from_foreign_jwk(*document, preferred), now);
    const auto* list = set->array();
    if (list == nullptr || list->size() != 1) {
        return KeyError("the JWK set does not hold exactly one key; write the one that shall sign "
                        "into a file of its own");
    }
    return alone(jose::Key::from_foreign_jwk(list->front(), preferred), now);
}

[[nodiscard]] const RingKey* find_key(const Keys& keys, const RingKey& wanted)
{
    const auto found = std::ranges::find_if(
        keys, [&](const auto& each) { return each.key->kid() == wanted.key->kid(); });
    return found == keys.end() ? nullptr : &*found;
}

[[nodiscard]] const RingKey* find_state(const Keys& keys, KeyState state)
{
    const auto found = std::ranges::find(keys, state, &RingKey::state);
    return found == keys.end() ? nullptr : &*found;
}

/// The foreign key waits in the place of our next one, and as long as that one had to.
void replace_next(Keys& keys, const RingKey& foreign, Seconds signs_from, Seconds now)
{
    const auto* old = find_state(keys, KeyState::next);
    // Its age is that of the last rotation, by which the next one is due.
    const auto created = old == nullptr ? now : old->created;
    std::erase_if(keys, [](const auto& each) { return each.state == KeyState::next; });
    keys.push_back({foreign.key, KeyState::next, created, {}, signs_from});
}

void add_retired(Keys& keys, const Keys& foreign)
{
    for (const auto& each : foreign) {
        const bool known = find_key(keys, each) != nullptr;
        if (each.state == KeyState::retired && !known) keys.push_back(each);
    }
}

void take_in(Keys& keys, const Keys& foreign, Seconds signs_from, Seconds now)
{
    const auto* active = find_state(foreign, KeyState::active);
    if (active == nullptr) return;
    replace_next(keys, *active, signs_from, now);
    add_retired(keys, foreign);
}

[[nodiscard]] std::optional<KeyError> problem_with(const KeySet& kept, const KeySet& foreign)
{
    for (const auto& [ours, theirs] :
         {std::pair(&kept.access, &foreign.access), std::pair(&kept.refresh, &foreign.refresh)}) {
        const auto* active = find_state(*theirs, KeyState::active);
        const auto* known = active == nullptr ? nullptr : find_key(*ours, *active);
        if (known == nullptr) continue;
        return KeyError(fmt::format("the key {} is here already, as {}", known->key->kid(),
                                    to_string(known->state)));
    }
    return std::nullopt;
}

/// Nobody signs or verifies yet: there is nothing to wait for.
[[nodiscard]] KeySet first_ring_of(const KeySet& foreign, const KeyTerms& terms, Seconds now)
{
    auto keys = foreign;
    if (keys.refresh.empty()) keys.refresh = first_keys(terms, now).refresh;
    static_cast<void>(follow_settings(keys, terms, now));
    return keys;
}

} // namespace

Result<KeySet, KeyError> read_foreign_keys(const Secret& text, config::Algorithm preferred,
                                           Seconds now)
{
    const auto begin = text.reveal().find_first_not_of(" \t\r\n");
    const bool is_json = begin != std::string_view::npos && text.reveal()[begin] == '{';
    if (is_json) return read_json(text.reveal(), preferred, now);
    return alone(jose::Key::from_foreign_pem(text, preferred), now);
}

Result<KeySet, KeyError> with_foreign_keys(const std::optional<KeySet>& kept, const KeySet& foreign,
                                           ImportAs as, const KeyTerms& terms, Seconds now)
{
    const auto algorithm = find_state(foreign.access, KeyState::active)->key->algorithm();
    if (enforced("keys.import_algorithm") && algorithm != terms.algorithm) {
        return KeyError(fmt::format("the key is for {}, and tokens.algorithm is {}; write the same "
                                    "there first",
                                    jose::to_string(algorithm), jose::to_string(terms.algorithm)));
    }
    if (!kept && as == ImportAs::active) return first_ring_of(foreign, terms, now);
    auto keys = kept ? *kept : first_keys(terms, now);
    if (auto problem = problem_with(keys, foreign)) return *std::move(problem);
    const auto signs_from = kept ? now + terms.publish_ahead : now;
    take_in(keys.access, foreign.access, signs_from, now);
    take_in(keys.refresh, foreign.refresh, signs_from, now);
    if (as == ImportAs::active) {
        keys.rotation_wanted = true;
        static_cast<void>(take_key_step(keys, terms, now));
    }
    return keys;
}

} // namespace gatehouse::auth
