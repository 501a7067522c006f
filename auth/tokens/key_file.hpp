#pragma once

#include "auth/jose/key.hpp"
#include "auth/tokens/key_ring.hpp"
#include "config/basics/result.hpp"
#include "config/basics/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::auth {

using jose::KeyError;

/// The keys of a ring as they are kept: changed here, then frozen into a KeyRing.
struct KeySet {
    std::vector<RingKey> access;
    std::vector<RingKey> refresh;
};

/// JSON, private halves included.
[[nodiscard]] Secret serialize(const KeySet& keys);
/// Errors say what is wrong with the text, without any of it.
[[nodiscard]] Result<KeySet, KeyError> parse_key_set(std::string_view text);

/// A file only its owner may read, replaced atomically.
class KeyFile {
public:
    explicit KeyFile(std::string path) : path_(std::move(path)) {}

    /// Nothing when there is no such file. Errors: unreadable, open to others, damaged.
    [[nodiscard]] Result<std::optional<KeySet>, KeyError> read() const;
    /// Mode 0600, owner kept; file and folder are synced before it returns, so that a power cut
    /// leaves the old keys or the new ones.
    [[nodiscard]] Result<void, KeyError> write(const KeySet& keys) const;

    /// Held while somebody reads, changes and writes back; other processes wait. A lock of the
    /// folder, so no lock file is left behind. Where the folder cannot be locked (a read-only
    /// mount) nobody can write either, and there is nothing to guard.
    class Lock {
    public:
        explicit Lock(const std::string& path);
        ~Lock();
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

    private:
        int folder_;
    };

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    [[nodiscard]] KeyError failure(std::string_view doing) const;

    std::string path_;
};

} // namespace gatehouse::auth
