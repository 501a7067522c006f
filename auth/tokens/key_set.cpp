#include "auth/tokens/key_set.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/json/reader.hpp"
#include "auth/json/writer.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

constexpr std::int64_t format_version = 1;

[[nodiscard]] std::int64_t number_of(Seconds time)
{
    return time.time_since_epoch().count();
}

void append_keys(json::Writer& w, std::string_view name, const std::vector<RingKey>& keys)
{
    w.name(name);
    w.begin_array();
    for (const auto& each : keys) {
        w.begin_object();
        w.member("kid", each.key->kid()); // for people; the key itself tells it
        w.member("algorithm", jose::to_string(each.key->algorithm()));
        w.member("state", to_string(each.state));
        w.member("created", number_of(each.created));
        if (each.verify_until) w.member("verify_until", number_of(*each.verify_until));
        if (each.state == KeyState::next) w.member("signs_from", number_of(each.signs_from));
        w.member("private", each.key->private_text().reveal());
        w.end_object();
    }
    w.end_array();
}

[[nodiscard]] std::optional<KeyState> parse_state(std::string_view name)
{
    for (const auto state : {KeyState::next, KeyState::active, KeyState::retired}) {
        if (name == to_string(state)) return state;
    }
    return std::nullopt;
}

[[nodiscard]] Result<jose::Key::Pointer, KeyError> parse_private(jose::Algorithm algorithm,
                                                                 const std::string& text)
{
    if (algorithm != jose::Algorithm::hs256) return jose::Key::from_private_pem(algorithm, text);
    auto bytes = jose::decode_base64url(text);
    if (!bytes) return KeyError("a secret is not base64url");
    return jose::Key::from_secret(Secret(*std::move(bytes)));
}

[[nodiscard]] Result<RingKey, KeyError> parse_key(const json::Value& value)
{
    const auto* algorithm_name = value.find_string("algorithm");
    const auto* state_name = value.find_string("state");
    const auto* text = value.find_string("private");
    const auto created = value.find_integer("created");
    if (algorithm_name == nullptr || state_name == nullptr || text == nullptr || !created) {
        return KeyError("a key lacks its algorithm, state, created or private member");
    }
    const auto algorithm = jose::parse_algorithm(*algorithm_name);
    const auto state = parse_state(*state_name);
    if (!algorithm || !state) return KeyError("a key has an unknown algorithm or state");
    auto key = parse_private(*algorithm, *text);
    if (!key) return key.error();

    RingKey parsed;
    parsed.key = *std::move(key);
    parsed.state = *state;
    parsed.created = Seconds(std::chrono::seconds(*created));
    if (const auto until = value.find_integer("verify_until")) {
        parsed.verify_until = Seconds(std::chrono::seconds(*until));
    }
    if (const auto from = value.find_integer("signs_from")) {
        parsed.signs_from = Seconds(std::chrono::seconds(*from));
    }
    return parsed;
}

[[nodiscard]] Result<std::vector<RingKey>, KeyError> parse_keys(const json::Value& document,
                                                                std::string_view name)
{
    const auto* list = document.find(name);
    if (list == nullptr || list->array() == nullptr) {
        return KeyError("there is no list \"" + std::string(name) + "\"");
    }
    std::vector<RingKey> keys;
    for (const auto& value : *list->array()) {
        auto key = parse_key(value);
        if (!key) return key.error();
        keys.push_back(*std::move(key));
    }
    if (std::ranges::count(keys, KeyState::active, &RingKey::state) != 1) {
        return KeyError("\"" + std::string(name) + "\" needs exactly one active key");
    }
    return keys;
}

} // namespace

Secret serialize(const KeySet& keys)
{
    std::string text;
    json::Writer w(text);
    w.begin_object();
    w.member("version", format_version);
    if (keys.rotation_wanted) {
        w.name("rotation_wanted");
        w.boolean(true);
    }
    append_keys(w, "access", keys.access);
    append_keys(w, "refresh", keys.refresh);
    w.end_object();
    text += '\n';
    return Secret(std::move(text));
}

Result<KeySet, KeyError> parse_key_set(std::string_view text)
{
    const auto document = json::read(text);
    if (!document) return KeyError("it is not JSON");
    if (document->find_integer("version") != format_version) {
        return KeyError("its version is not 1");
    }
    auto access = parse_keys(*document, "access");
    if (!access) return access.error();
    auto refresh = parse_keys(*document, "refresh");
    if (!refresh) return refresh.error();
    const auto is_hs256 = [](const RingKey& each) {
        return each.key->algorithm() == jose::Algorithm::hs256;
    };
    if (std::ranges::any_of(*access, is_hs256) || !std::ranges::all_of(*refresh, is_hs256)) {
        return KeyError("refresh keys are HS256, and access keys in this file never are");
    }
    const auto* wanted = document->find("rotation_wanted");
    return KeySet{*std::move(access), *std::move(refresh),
                  wanted != nullptr && wanted->boolean() == true};
}

bool same_ring(const KeySet& a, const KeySet& b)
{
    const auto same = [](const RingKey& x, const RingKey& y) {
        return x.key->kid() == y.key->kid() && x.state == y.state &&
               x.verify_until == y.verify_until;
    };
    return std::ranges::equal(a.access, b.access, same) &&
           std::ranges::equal(a.refresh, b.refresh, same);
}

} // namespace gatehouse::auth
