#pragma once

#include "auth/basics/clock.hpp"
#include "auth/jose/key.hpp"
#include "auth/tokens/key_file.hpp"
#include "auth/tokens/key_ring.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::auth {

/// Where the keys live: `tokens.keys_file`, or beside the store ("sqlite:x.db": x.db.keys.json).
/// Empty: in memory only, as the store is.
[[nodiscard]] std::string keys_file_of(const config::TokenSettings& tokens, std::string_view store);

/// Owns the current key ring. With HS256 the keys are the secrets of the environment; otherwise
/// they live in a file of mode 0600 that is made on first start and replaced atomically, so that a
/// crash leaves the old keys or the new ones. Safe from any thread; calls but ring() block on disk.
class KeyKeeper {
public:
    /// Loads the keys, or makes and stores them. `path` empty: they die with this process.
    /// Errors are sentences: unreadable or damaged file, file open to others, no secret for HS256.
    [[nodiscard]] static Result<std::unique_ptr<KeyKeeper>, KeyError>
    open(const config::TokenSettings& settings, std::string path, const Clock& clock);

    /// The ring of this moment; keep the pointer as long as you use what is in it.
    [[nodiscard]] std::shared_ptr<const KeyRing> ring() const;

    /// next becomes active, active becomes retired, a new next is made; durable before it returns.
    /// What other processes did in between is read first. Tell them by ChangeFeed::announce_keys.
    /// Error: the keys are the secrets of the environment, or the file cannot be written.
    [[nodiscard]] Result<void, KeyError> rotate();

    /// Reads the file again. true: it held other keys and ring() is a new one. On error the old
    /// ring stays.
    [[nodiscard]] Result<bool, KeyError> reload();

private:
    KeyKeeper(const config::TokenSettings& settings, std::string path, const Clock& clock);

    [[nodiscard]] Result<void, KeyError> start();
    [[nodiscard]] Result<void, KeyError> start_with_secrets(const config::TokenSettings& settings);
    [[nodiscard]] Result<KeySet, KeyError> load_or_make() const;
    [[nodiscard]] KeySet new_keys() const;
    [[nodiscard]] RingKey new_access_key(KeyState state) const;
    void retire(RingKey& key) const;
    [[nodiscard]] bool follow_settings(KeySet& keys) const;
    void publish(KeySet keys);

    const config::Algorithm algorithm_;
    const std::chrono::seconds retired_life_;
    const KeyFile file_; // path "": none
    const Clock& clock_;

    std::mutex changing_; // one rotate() or reload() at a time
    mutable std::mutex mutex_;
    std::shared_ptr<const KeyRing> ring_; // guarded by mutex_
};

} // namespace gatehouse::auth
