#pragma once

#include "auth/store/memory/memory_store.hpp"

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

/// What a store is busy with when the power fails: clients that call everything it can do, each
/// with users of its own, so that it is known at every moment what has to be there.
namespace gatehouse::auth::contract {

/// One call, to be made to any store that keeps the contract.
struct Call {
    std::string words;                            // for messages
    std::function<std::string(Store&)> make;      // the answer, in words
    std::optional<std::string> makes_invite = {}; // a fresh one
    std::optional<std::string> spends_invite = {};
};

/// The store as one client has to find it after these calls: a memory store that took them.
class Expectation {
public:
    Expectation() : store_(std::make_unique<MemoryStore>()) {}

    std::string take(const Call& call);

    [[nodiscard]] MemoryStore& store() const { return *store_; }

    [[nodiscard]] const std::set<std::string>& open_invites() const { return open_; }

    [[nodiscard]] const std::set<std::string>& spent_invites() const { return spent_; }

private:
    std::unique_ptr<MemoryStore> store_;
    std::set<std::string> open_;
    std::set<std::string> spent_;
};

class LoadClient {
public:
    LoadClient(int number, std::mt19937::result_type seed);

    /// Any call the contract knows: most of them do something, some are refused.
    [[nodiscard]] Call choose();
    /// The call was made, and this was the answer. Returns what the answer should have been.
    [[nodiscard]] std::string learn(const Call& call);

    /// Everything anybody can see of this client's users, sessions and changes, one thing a line.
    /// `changes`: all that the store has.
    [[nodiscard]] std::string view_of(Store& store, const std::vector<Change>& changes) const;

    [[nodiscard]] const std::vector<std::string>& users() const { return users_; }

    [[nodiscard]] const std::vector<std::string>& sessions() const { return sessions_; }

    [[nodiscard]] Millis now() const { return now_; }

    /// Whether a change of that moment is this client's: no two clients live at the same time.
    [[nodiscard]] bool lived_at(Millis moment) const;

private:
    [[nodiscard]] Call register_user();
    [[nodiscard]] Call create_session();
    [[nodiscard]] Call rotate();
    [[nodiscard]] Call end_something();
    [[nodiscard]] Call change_password();
    [[nodiscard]] Call change_roles();
    [[nodiscard]] Call block_or_delete();
    [[nodiscard]] Call make_invite();
    [[nodiscard]] Call announce_or_forget();

    [[nodiscard]] std::size_t below(std::size_t limit);
    [[nodiscard]] std::string name(const char* kind, std::size_t number) const;
    /// One of the newest, or any.
    [[nodiscard]] std::string one_of(const std::vector<std::string>& all);

    int number_;
    std::mt19937 random_;
    Millis birth_;
    Millis now_;
    Expectation lived_;
    std::vector<std::string> users_;
    std::vector<std::string> sessions_;
    std::size_t invites_ = 0;
};

} // namespace gatehouse::auth::contract
