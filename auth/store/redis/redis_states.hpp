#pragma once

#include "auth/store/redis/script.hpp"
#include "auth/store/shared_states.hpp"

namespace gatehouse::auth::redis {

/// Shared states as texts under "gatehouse:throttle:KEY". A change is judged on what was read, and
/// written by a script only if that is still what is there; else it is judged anew. What is to be
/// forgotten goes by itself.
class RedisStates final : public SharedStates {
public:
    /// `clock` null: the server's, which differs from the settings' only in tests.
    explicit RedisStates(Pool& pool, const Clock* clock = nullptr);

    Result<void, StoreError> change(std::span<const std::string> keys,
                                    std::chrono::milliseconds kept, const Change& change) override;
    Result<bool, StoreError> forget_old(std::size_t at_most) override;

private:
    struct Seen {
        bool written = false; // and nothing more is said
        std::vector<std::string> states;
        Millis now{};
    };

    [[nodiscard]] Result<Seen, StoreError> run(const Script& script, const Script::Words& keys,
                                               Script::Words values, Pool::Again again) const;

    Pool& pool_;
    const Clock* const clock_;
    const Script read_;
    const Script replace_;
};

} // namespace gatehouse::auth::redis
