#pragma once

#include "auth/accounts/hash_budget.hpp"
#include "auth/accounts/in_background.hpp"
#include "auth/basics/durations.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace gatehouse::auth {

enum class HashError {
    overloaded, // the deadline passed before there was room to hash
    unsupported // this password cannot be hashed so: bcrypt and more than 72 bytes, or a NUL
};

[[nodiscard]] std::string_view to_string(HashError error) noexcept;
std::ostream& operator<<(std::ostream& out, HashError error);

/// Hashes and checks passwords: Argon2id (libsodium) or bcrypt (crypt_r), whichever the settings
/// name for new hashes; $argon2id$, $argon2i$, $scrypt$, $2a$, $2b$ and $2y$ are verified always.
/// Every call takes tens of milliseconds and much memory: call it on the hash pool. Safe from any
/// thread.
///
/// Passwords come in NFC (see passwords.hpp) and are never cut: a password longer than the 72
/// bytes bcrypt looks at matches no bcrypt hash.
class PasswordHasher {
public:
    explicit PasswordHasher(const config::PasswordSettings& settings);
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;

    /// By these settings from now on; a hash that is being computed is not disturbed.
    void use(const config::PasswordSettings& settings);

    /// Take a place when the request arrives, before it waits for a thread. Nothing: `overloaded`.
    [[nodiscard]] std::optional<HashPlace> enter() { return budget_.enter(); }

    [[nodiscard]] Result<std::string, HashError> hash(std::string_view password,
                                                      const HashPlace& place);

    /// A hash that is unreadable, or dearer than this process may afford, matches nothing; finding
    /// that out costs as much as a hash would.
    [[nodiscard]] Result<bool, HashError> verify(std::string_view stored, std::string_view password,
                                                 const HashPlace& place);

    /// Costs what verifying a hash of today's settings costs; for names nobody has.
    [[nodiscard]] Result<void, HashError> verify_nobody(std::string_view password,
                                                        const HashPlace& place);

    /// Why verify() would match nothing with it: the rest of a sentence. "": it can be verified.
    [[nodiscard]] std::string why_unusable(std::string_view stored) const;

    /// The stored hash was made another way than the settings ask for today.
    [[nodiscard]] bool needs_rehash(std::string_view stored) const;

    /// Hash computations so far.
    [[nodiscard]] std::uint64_t computations() const noexcept
    {
        return computations_.load(std::memory_order_relaxed);
    }

    struct Load {
        HashBudget::Use budget;
        std::uint64_t running = 0; // hashes being computed now
        DurationCounts took;       // of those that were computed
    };

    [[nodiscard]] Load load() const;

private:
    struct Terms {
        explicit Terms(const config::PasswordSettings& chosen);

        config::PasswordSettings settings;
        std::string nobody; // a hash of these settings that no password has
    };

    [[nodiscard]] std::shared_ptr<const Terms> terms() const;
    /// Counts a computation for as long as it lives, and runs it where it disturbs nobody.
    class Computation;

    [[nodiscard]] Result<bool, HashError>
    compute(std::string_view stored, std::string_view password, const HashPlace& place);

    mutable std::mutex mutex_;
    std::shared_ptr<const Terms> terms_; // guarded by mutex_
    HashBudget budget_;
    std::atomic<std::uint64_t> computations_{0};
    std::atomic<std::uint64_t> running_{0};
    std::atomic<Share> share_{Share::thirtieth}; // what the next one keeps
    Durations took_;
};

} // namespace gatehouse::auth
