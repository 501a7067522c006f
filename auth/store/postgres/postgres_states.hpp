#pragma once

#include "auth/store/postgres/pool.hpp"
#include "auth/store/shared_states.hpp"

namespace gatehouse::auth::postgres {

/// Shared states as rows. A change is judged twice: first on what a plain read shows, which is all
/// there is to it when nothing changes, and then under the locks of its rows, which everybody takes
/// in the order of the keys.
class PostgresStates final : public SharedStates {
public:
    /// `clock` null: the server's, which differs from the settings' only in tests.
    explicit PostgresStates(Pool& pool, const Clock* clock = nullptr) : pool_(pool), clock_(clock)
    {
    }

    Result<void, StoreError> change(std::span<const std::string> keys,
                                    std::chrono::milliseconds kept, const Change& change) override;
    Result<bool, StoreError> forget_old(std::size_t at_most) override;

private:
    struct Seen {
        std::vector<std::string> states;
        Millis now{};
    };

    [[nodiscard]] Seen read(Connection& connection, std::span<const std::string> keys) const;
    [[nodiscard]] Seen lock(Connection& connection, std::span<const std::string> keys,
                            std::chrono::milliseconds kept) const;
    [[nodiscard]] std::optional<Millis> now() const;

    Pool& pool_;
    const Clock* const clock_;
};

} // namespace gatehouse::auth::postgres
