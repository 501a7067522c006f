#pragma once

#include "auth/basics/clock.hpp"
#include "auth/tokens/key_import.hpp"
#include "auth/tokens/key_place.hpp"
#include "auth/tokens/key_ring.hpp"
#include "auth/tokens/key_schedule.hpp"
#include "config/basics/result.hpp"
#include "config/settings/identity.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace gatehouse::auth {

/// Owns the current key ring: makes the first keys, rotates them, and follows what other processes
/// do to them. Safe from any thread; calls but ring() block on the place where the keys are kept.
class KeyKeeper {
public:
    /// Loads the keys, or makes and keeps them. Errors are sentences, the place's.
    [[nodiscard]] static Result<std::unique_ptr<KeyKeeper>, KeyError>
    open(const config::TokenSettings& settings, std::unique_ptr<KeyPlace> place,
         const Clock& clock);
    /// The same with the secrets of the environment (HS256), else with a file; `path` empty: the
    /// keys die with this process.
    [[nodiscard]] static Result<std::unique_ptr<KeyKeeper>, KeyError>
    open(const config::TokenSettings& settings, std::string path, const Clock& clock);

    /// No keys were where they are kept when this was opened, and it made them: nothing that was
    /// signed before is good any more.
    [[nodiscard]] bool made_the_first() const noexcept { return made_the_first_; }

    /// The ring of this moment; keep the pointer as long as you use what is in it.
    [[nodiscard]] std::shared_ptr<const KeyRing> ring() const;

    /// When the next keys are to sign, as far as this process knows; from any thread, at once.
    [[nodiscard]] std::optional<Seconds> next_rotation() const;

    struct Rotation {
        /// The new keys sign only from this instant on, when every gateway has them; one of the
        /// running ones will see to it. Nothing: they do already.
        std::optional<Seconds> later;
    };

    /// next becomes active, active becomes retired, a new next is made; durable before it returns.
    /// What other processes did in between is read first. Tell them by KeyNews::announce_keys.
    /// Error: the keys come from elsewhere, or the place cannot be written.
    [[nodiscard]] Result<Rotation, KeyError> rotate();

    /// Takes foreign keys into the ring, as rotate() does: see with_foreign_keys.
    [[nodiscard]] static Result<Rotation, KeyError> take_over(const config::TokenSettings& settings,
                                                              KeyPlace& place,
                                                              const KeySet& foreign, ImportAs as,
                                                              const Clock& clock);

    /// A rotation that was asked for and is not done yet: from when on the next keys may sign.
    [[nodiscard]] std::optional<Seconds> rotation_pending();

    /// Reads the keys again. true: they are others and ring() is a new one. On error the old ring
    /// stays.
    [[nodiscard]] Result<bool, KeyError> reload();

    /// Others hear of a rotation from the place itself, not through KeyNews::announce_keys.
    [[nodiscard]] bool announces() const noexcept { return place_->habits().announced; }

    /// What there may be to pass on after tend().
    enum class News : std::uint8_t {
        none,
        heard, // ring() is a new one, others changed the keys
        made   // this process changed them: ring() is a new one, and the others should hear of it
    };

    /// Call it every few seconds: looks at keys that change without a word, and takes the step that
    /// is due by the schedule. Asks the place only when there is reason to.
    [[nodiscard]] Result<News, KeyError> tend();

    /// By this schedule from now on. Algorithm and access_ttl stay those of the start, and what was
    /// signed for a longer life lives it.
    void use(const config::TokenSettings& settings);

private:
    KeyKeeper(const config::TokenSettings& settings, std::unique_ptr<KeyPlace> place,
              const Clock& clock);

    [[nodiscard]] Result<void, KeyError> start();
    [[nodiscard]] Result<KeySet, KeyError> read_kept();
    [[nodiscard]] bool adopt(KeySet keys);
    void foretell_rotation();

    const std::unique_ptr<KeyPlace> place_;
    const Clock& clock_;
    bool made_the_first_ = false; // not changed after open()

    std::mutex changing_; // one call to the place at a time
    KeyTerms terms_;      // guarded by changing_
    KeySet kept_;         // guarded by changing_: what ring_ was made of
    mutable std::mutex mutex_;
    std::shared_ptr<const KeyRing> ring_;  // guarded by mutex_
    std::optional<Seconds> next_rotation_; // guarded by mutex_
};

} // namespace gatehouse::auth
