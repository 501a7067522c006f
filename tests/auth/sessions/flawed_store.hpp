#pragma once

#include "auth/store/memory/memory_store.hpp"

#include <map>

namespace gatehouse::auth::interleaved {

/// What can be wrong with a session store.
enum class Flaw : std::uint8_t {
    none,
    rotates_any_generation,   // forgets "and its generation is still the one you read"
    accepts_spent_generation, // says yes to an older generation, and does nothing
    rotates_ended_session,    // forgets "and it has not ended"
    rotation_revives,         // rotates an ended session and wipes out that it had ended
    loses_rotation,           // says that it rotated, and did not
    rotates_and_denies_it,    // rotates, and says that somebody else was first
    skips_a_generation,       // counts two for one
    forgets_what_was_spent,   // keeps no superseded generations
    makes_two_of_one,         // writes the new generation into a session of its own
    forgets_to_end,           // says that it ended the session
    ending_twice_revives,     // toggles
    ends_the_whole_user,      // ends the user's other sessions too
    all_but_one,              // ends all sessions of a user except the newest
    block_leaves_sessions,    // sets the mark only
    block_is_forgotten,       // ends the sessions only
    login_while_blocked,      // lets a blocked user in again
    shows_ended_as_live,      // reads from a cache that nobody told
    logout_unblocks           // ending all sessions writes the user's old row back
};

/// A small store of its own, with one flaw. Knows what the session rules call and no more.
class FlawedStore final : public MemoryStore {
public:
    explicit FlawedStore(Flaw flaw) : flaw_(flaw) {}

    Result<void, StoreError> create_user(const User& user, std::optional<std::string_view> invite,
                                         const Deed& deed) override;
    Result<std::optional<User>, StoreError> find_user(std::string_view id) override;
    Result<std::optional<User>, StoreError> find_user_by_name(std::string_view name) override;
    Result<std::vector<std::string>, StoreError> block_user(std::string_view user,
                                                            const Deed& deed) override;
    Result<std::vector<std::string>, StoreError>
    create_session(const Session& session, const Room& room, const Deed& deed) override;
    Result<std::optional<Session>, StoreError> find_session(std::string_view id) override;
    Result<std::vector<Session>, StoreError> list_sessions(std::string_view user,
                                                           Seconds now) override;
    Result<bool, StoreError> rotate(std::string_view id, Generation from,
                                    const RotationTerms& terms, Millis now) override;
    Result<bool, StoreError> end_session(std::string_view id, const Deed& deed) override;
    Result<std::vector<std::string>, StoreError>
    end_sessions_of(std::string_view user, std::string_view keep, const Deed& deed) override;

private:
    [[nodiscard]] bool has(Flaw flaw) const { return flaw_ == flaw; }

    std::vector<std::string> end_all(std::string_view user, Millis now);

    Flaw flaw_;
    std::map<std::string, User, std::less<>> users_;
    std::map<std::string, Session, std::less<>> sessions_;
    std::map<std::string, std::vector<std::string>, std::less<>> sessions_of_;
};

} // namespace gatehouse::auth::interleaved
