#pragma once

#include "auth/service/auth_error.hpp"
#include "auth/service/requests.hpp"
#include "auth/sessions/session.hpp"
#include "config/basics/result.hpp"
#include "gateway/net/task.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

/// Refreshes of one session and generation that overlap in time become one: whoever comes while
/// one is under way gets its answer, the same pair. Shared by all workers, in front of the store
/// pool, so that 32 tabs that wake up together cost one write.
class RefreshJoiner {
public:
    using Outcome = Result<auth::Grant, auth::AuthError>;
    using Key = std::pair<std::string, auth::Generation>; // session id and generation

    /// `lead` is called for the first caller only; its outcome is everybody's. It may suspend.
    [[nodiscard]] Task<Outcome> join(Key key, std::function<Task<Outcome>()> lead);

    /// Lets go of everybody who waits, without an answer. For the end: after the workers' threads,
    /// before their event loops.
    void drop_all();

private:
    /// One refresh under way. The first caller owns it; later ones wait for `outcome`.
    struct Flight {
        std::shared_ptr<const Outcome> outcome;
        std::vector<std::function<void()>> waiting; // each resumes one caller, on its own thread
    };

    /// The flight to wait for; nothing: this caller leads a new one.
    [[nodiscard]] std::shared_ptr<Flight> board(const Key& key);
    [[nodiscard]] Task<Outcome> follow(std::shared_ptr<Flight> flight);
    void land(const Key& key, std::shared_ptr<const Outcome> outcome);

    std::mutex mutex_;
    std::map<Key, std::shared_ptr<Flight>> flights_;
};

} // namespace gatehouse::gateway
