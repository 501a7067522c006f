#pragma once

#include "auth/store/memory/memory_store.hpp"
#include "tests/simulation/bugs.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::simulation {

/// The one database all replicas share: the memory store, whose calls are atomic and never lost,
/// with room for a planted mistake. It also tells who waits for the feed that there is more.
class Database final : public auth::MemoryStore {
public:
    using Ids = Result<std::vector<std::string>, auth::StoreError>;

    Database(Scheduler& scheduler, Random& random, Bug bug)
        : scheduler_(scheduler),
          random_(random),
          bug_(bug)
    {
    }

    /// Call after anything that may have written: wakes who waits for changes, and returns the
    /// sessions that ended since the last call.
    std::vector<std::string> note_commits();

    /// The sequence of the newest row of the feed.
    [[nodiscard]] std::uint64_t newest() const noexcept { return newest_; }

    void wake_with_next_commit(Scheduler::Wait wait) { waiting_.push_back(std::move(wait)); }

    // What a planted mistake changes.
    Result<void, auth::StoreError> register_user(const auth::User& user,
                                                 std::optional<std::string_view> invite,
                                                 const auth::Session& session,
                                                 const auth::Deed& deed) override;
    Result<std::optional<auth::User>, auth::StoreError>
    find_user_by_name(std::string_view name) override;
    Result<std::optional<auth::User>, auth::StoreError> find_user(std::string_view id) override;
    Ids set_password(std::string_view id, std::string_view hash, std::string_view keep,
                     const auth::Deed& deed) override;
    Ids block_user(std::string_view id, const auth::Deed& deed) override;
    Ids delete_user(std::string_view id, const auth::Deed& deed) override;
    Ids create_session(const auth::Session& session, const Room& room,
                       const auth::Deed& deed) override;
    Result<std::optional<auth::Session>, auth::StoreError>
    find_session(std::string_view id) override;
    Result<bool, auth::StoreError> rotate(std::string_view id, auth::Generation from,
                                          const auth::RotationTerms& terms,
                                          auth::Millis now) override;
    Result<std::vector<auth::SeenGeneration>, auth::StoreError>
    mark_seen(std::span<const auth::SeenGeneration> seen) override;
    Result<bool, auth::StoreError> end_session(std::string_view id,
                                               const auth::Deed& deed) override;
    Ids end_sessions_of(std::string_view user, std::string_view keep,
                        const auth::Deed& deed) override;
    Result<std::vector<auth::Change>, auth::StoreError> changes_after(std::uint64_t after,
                                                                      std::size_t limit) override;
    Result<Standing, auth::StoreError> standing(auth::Millis ended_after) override;
    Result<bool, auth::StoreError> take_lease(std::string_view name, std::string_view holder,
                                              auth::Millis now, auth::Millis until) override;
    Result<bool, auth::StoreError> replace_keys(std::string_view name, std::uint64_t expected,
                                                std::string_view bytes, auth::Millis now) override;
    Result<Page, auth::StoreError> replicas() override;

    // The truth, whatever is planted.
    [[nodiscard]] std::optional<auth::Session> true_session(std::string_view id);
    [[nodiscard]] std::optional<auth::User> true_user(std::string_view id);
    /// When the row learnt that this pair was used.
    [[nodiscard]] std::optional<Time> marked(const std::string& session,
                                             auth::Generation generation) const;
    /// When the account was last unblocked, if it ever was blocked.
    [[nodiscard]] std::optional<Time> last_unblocked(const std::string& user) const;

    /// A lease that went from one holder to another, the first one's time not being over.
    struct Handover {
        std::string from;
        std::string to;
        auth::Millis until{}; // the first one's
        Time when{};
    };

    [[nodiscard]] const std::vector<Handover>& handovers() const noexcept { return handovers_; }

private:
    template <class Value>
    struct Old {
        Time read{};
        std::optional<Value> value;
    };

    [[nodiscard]] bool strikes(Bug bug, std::size_t permille = 1000);
    [[nodiscard]] bool hides(const auth::Change& change) const;
    [[nodiscard]] bool is_untold(const auth::Change& change) const;
    [[nodiscard]] std::optional<Lease> lease(std::string_view name);
    template <class Value, class Read>
    Result<std::optional<Value>, auth::StoreError>
    maybe_stale(std::map<std::string, Old<Value>, std::less<>>& seen, std::string_view key,
                Read read);

    Scheduler& scheduler_;
    Random& random_;
    const Bug bug_;
    std::uint64_t newest_ = 0;
    std::map<std::uint64_t, Time> committed_;
    std::map<std::string, Time> unblocked_;
    std::map<std::pair<std::string, auth::Generation>, Time> marked_;
    std::vector<Scheduler::Wait> waiting_;
    std::vector<Handover> handovers_;
    std::set<std::string, std::less<>> untold_; // sessions and users, when that is what was planted
    std::map<std::string, Old<auth::User>, std::less<>> old_users_;
    std::map<std::string, Old<auth::User>, std::less<>> old_names_;
    std::map<std::string, Old<auth::Session>, std::less<>> old_sessions_;
};

} // namespace gatehouse::simulation
