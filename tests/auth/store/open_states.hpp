#pragma once

#include "auth/store/shared_states.hpp"
#include "tests/auth/store/contract.hpp"

#include <map>
#include <mutex>

namespace gatehouse::auth::contract {

/// Those who share states, each with connections of its own; `clock` null: the server's.
[[nodiscard]] std::shared_ptr<SharedStates> open_states(std::string_view kind,
                                                        const Clock* clock = nullptr);
/// Makes a place for states of this kind, or empties it.
void clear_states(std::string_view kind, const std::filesystem::path& folder);

inline const auto every_shared_place = testing::Values("postgres", "pgbouncer", "redis");

/// Shared states in memory, which count their calls and may be told to fail.
class StatesInMemory final : public SharedStates {
public:
    explicit StatesInMemory(const Clock& clock) : clock_(clock) {}

    bool down = false;
    int calls = 0;
    std::map<std::string, std::string> states;

    Result<void, StoreError> change(std::span<const std::string> keys,
                                    std::chrono::milliseconds kept, const Change& change) override;
    Result<bool, StoreError> forget_old(std::size_t at_most) override;

private:
    const Clock& clock_;
};

} // namespace gatehouse::auth::contract
