#include "auth/tokens/key_keeper.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

using config::Algorithm;

[[nodiscard]] bool same_keys(std::span<const RingKey> a, std::span<const RingKey> b)
{
    return std::ranges::equal(a, b, [](const RingKey& x, const RingKey& y) {
        return x.key->kid() == y.key->kid() && x.state == y.state &&
               x.verify_until == y.verify_until;
    });
}

[[nodiscard]] auto find_state(std::vector<RingKey>& keys, KeyState state)
{
    return std::ranges::find(keys, state, &RingKey::state);
}

/// The secret in use, then those that only verify.
[[nodiscard]] Result<std::vector<RingKey>, KeyError>
keys_of_secrets(std::string_view name, const Secret& current, const std::vector<Secret>& previous)
{
    std::vector<RingKey> keys;
    const auto add = [&](const Secret& secret, KeyState state) {
        auto key = jose::Key::from_secret(secret);
        if (!key) return false;
        const auto is_same = [&](const RingKey& each) { return each.key->kid() == (*key)->kid(); };
        if (std::ranges::none_of(keys, is_same)) keys.push_back({*std::move(key), state, {}, {}});
        return true;
    };
    if (!add(current, KeyState::active)) {
        return KeyError(std::string(name) + " needs at least 32 bytes; make one with: openssl rand "
                                            "-base64 48");
    }
    for (const auto& secret : previous) {
        if (!add(secret, KeyState::retired)) {
            return KeyError(std::string(name) + "_PREVIOUS holds a secret of fewer than 32 bytes");
        }
    }
    return keys;
}

} // namespace

std::string keys_file_of(const config::TokenSettings& tokens, std::string_view store)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (!tokens.keys_file.empty()) return tokens.keys_file;
    if (!store.starts_with(sqlite)) return {};
    return std::string(store.substr(sqlite.size())) + ".keys.json";
}

KeyKeeper::KeyKeeper(const config::TokenSettings& settings, std::string path, const Clock& clock)
    // Long enough for the last token signed at the moment of rotation, by a replica whose clock is
    // ahead as far as we allow.
    : algorithm_(settings.algorithm),
      retired_life_(settings.access_ttl + settings.retired_margin),
      file_(std::move(path)),
      clock_(clock)
{
}

Result<std::unique_ptr<KeyKeeper>, KeyError> KeyKeeper::open(const config::TokenSettings& settings,
                                                             std::string path, const Clock& clock)
{
    std::unique_ptr<KeyKeeper> keeper(new KeyKeeper(settings, std::move(path), clock));
    const auto started = settings.algorithm == Algorithm::hs256
                             ? keeper->start_with_secrets(settings)
                             : keeper->start();
    if (!started) return started.error();
    return keeper;
}

Result<void, KeyError> KeyKeeper::start_with_secrets(const config::TokenSettings& settings)
{
    auto access = keys_of_secrets("ACCESS_TOKEN_SECRET", settings.access_secret,
                                  settings.access_secrets_previous);
    if (!access) return access.error();
    auto refresh = keys_of_secrets("REFRESH_TOKEN_SECRET", settings.refresh_secret,
                                   settings.refresh_secrets_previous);
    if (!refresh) return refresh.error();
    if (enforced("keys.secrets_differ") &&
        settings.access_secret.reveal() == settings.refresh_secret.reveal()) {
        return KeyError("ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET must differ");
    }
    publish({*std::move(access), *std::move(refresh)});
    return {};
}

Result<void, KeyError> KeyKeeper::start()
{
    if (file_.path().empty()) {
        publish(new_keys());
        return {};
    }
    const KeyFile::Lock lock(file_.path());
    auto keys = load_or_make();
    if (!keys) return keys.error();
    publish(*std::move(keys));
    return {};
}

Result<KeySet, KeyError> KeyKeeper::load_or_make() const
{
    auto stored = file_.read();
    if (!stored) return stored.error();
    const bool is_new = !stored->has_value();
    auto keys = is_new ? new_keys() : **std::move(stored);
    const bool changed = follow_settings(keys);
    if (is_new || changed) {
        if (const auto written = file_.write(keys); !written) return written.error();
    }
    return keys;
}

KeySet KeyKeeper::new_keys() const
{
    KeySet keys;
    keys.access.push_back(new_access_key(KeyState::active));
    keys.access.push_back(new_access_key(KeyState::next));
    keys.refresh.push_back(
        {jose::Key::generate(Algorithm::hs256), KeyState::active, clock_.seconds(), {}});
    return keys;
}

RingKey KeyKeeper::new_access_key(KeyState state) const
{
    return {jose::Key::generate(algorithm_), state, clock_.seconds(), {}};
}

void KeyKeeper::retire(RingKey& key) const
{
    key.state = KeyState::retired;
    key.verify_until = clock_.seconds() + retired_life_;
}

/// Another `tokens.algorithm` than the file was made for: keys of the old one retire at once, and
/// nobody is signed out. Also forgets keys that no longer verify. true: something changed.
bool KeyKeeper::follow_settings(KeySet& keys) const
{
    const auto now = clock_.seconds();
    bool changed = std::erase_if(keys.access, [&](const RingKey& each) {
                       const bool other_next =
                           each.state == KeyState::next && each.key->algorithm() != algorithm_;
                       return other_next || (each.verify_until && *each.verify_until <= now);
                   }) > 0;
    const auto active = find_state(keys.access, KeyState::active);
    if (active->key->algorithm() != algorithm_) {
        retire(*active);
        keys.access.push_back(new_access_key(KeyState::active));
        changed = true;
    }
    if (find_state(keys.access, KeyState::next) == keys.access.end()) {
        keys.access.push_back(new_access_key(KeyState::next));
        changed = true;
    }
    return changed;
}

Result<void, KeyError> KeyKeeper::rotate()
{
    if (algorithm_ == Algorithm::hs256) {
        return KeyError("with tokens.algorithm HS256 the keys are secrets of the environment: "
                        "move ACCESS_TOKEN_SECRET to ACCESS_TOKEN_SECRET_PREVIOUS, set a new one "
                        "and restart");
    }
    const std::lock_guard one_at_a_time(changing_);
    const KeyFile::Lock lock(file_.path());
    KeySet keys;
    if (file_.path().empty()) {
        const auto now = ring();
        keys = {
            {now->access_keys().begin(),  now->access_keys().end() },
            {now->refresh_keys().begin(), now->refresh_keys().end()}
        };
        (void)follow_settings(keys);
    } else {
        auto loaded = load_or_make();
        if (!loaded) return loaded.error();
        keys = *std::move(loaded);
    }
    retire(*find_state(keys.access, KeyState::active));
    find_state(keys.access, KeyState::next)->state = KeyState::active;
    keys.access.push_back(new_access_key(KeyState::next));
    if (!file_.path().empty()) {
        if (const auto written = file_.write(keys); !written) return written.error();
    }
    publish(std::move(keys));
    return {};
}

Result<bool, KeyError> KeyKeeper::reload()
{
    if (algorithm_ == Algorithm::hs256 || file_.path().empty()) return false;
    const std::lock_guard one_at_a_time(changing_);
    const KeyFile::Lock lock(file_.path());
    auto keys = load_or_make();
    if (!keys) return keys.error();
    const auto now = ring();
    if (same_keys(now->access_keys(), keys->access) &&
        same_keys(now->refresh_keys(), keys->refresh)) {
        return false;
    }
    publish(*std::move(keys));
    return true;
}

std::shared_ptr<const KeyRing> KeyKeeper::ring() const
{
    const std::lock_guard guard(mutex_);
    return ring_;
}

void KeyKeeper::publish(KeySet keys)
{
    const auto before = ring();
    const auto generation = before ? before->generation() + 1 : 1;
    auto next = std::make_shared<const KeyRing>(std::move(keys.access), std::move(keys.refresh),
                                                generation);
    const std::lock_guard guard(mutex_);
    ring_ = std::move(next);
}

} // namespace gatehouse::auth
