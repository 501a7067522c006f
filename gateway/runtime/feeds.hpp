#pragma once

#include "auth/revocation/confirmation.hpp"
#include "auth/revocation/presence.hpp"
#include "gateway/observe/metrics.hpp"
#include "gateway/runtime/change_listener.hpp"

#include <chrono>
#include <list>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

/// The feeds by which this process hears of what others ended: the store's, and that of the
/// sessions where they are kept elsewhere. All of them fill one revocation table, and what is said
/// here of a process is true of each of its feeds.
class Feeds {
public:
    struct Source {
        std::string_view name; // for metrics
        auth::ChangeFeed& feed;
        auth::ReplicaBook& book;
        std::function<bool()> on_keys; // see FeedFollower
        auth::ApiKeyTable* api_keys = nullptr;
        auth::ApiKeyStore* api_key_store = nullptr;
    };

    struct Rooms {
        auth::RevocationTable& revocations;
        const auth::Clock& clock;
    };

    struct Terms {
        std::chrono::seconds token_life{};
        /// Set where logouts are confirmed.
        std::optional<std::chrono::milliseconds> lease{};
    };

    Feeds(const std::vector<Source>& sources, Rooms rooms, const Terms& terms);
    Feeds(const Feeds&) = delete;
    Feeds& operator=(const Feeds&) = delete;

    /// Loads what a starting process must refuse. Nothing may be served before this succeeded; the
    /// caller tries again after an error.
    [[nodiscard]] Result<void, auth::StoreError> catch_up();
    /// Follows each of them on a thread of its own.
    void start();
    void stop() noexcept;
    /// After stop(), when nothing is served any more: nobody has to wait for this process.
    void leave();

    /// How long ago this process last knew all there was to know. From any thread.
    [[nodiscard]] std::chrono::milliseconds silence() const noexcept;
    /// Each by itself. From any thread.
    [[nodiscard]] std::vector<FeedFacts> facts() const;

    // Null unless logouts are confirmed.

    [[nodiscard]] const auth::FeedLease* lease() const noexcept;

    [[nodiscard]] auth::Confirmation* confirmation() noexcept
    {
        return confirmation_ ? &*confirmation_ : nullptr;
    }

private:
    struct Followed {
        std::string_view name;
        auth::Durations ages{}; // of changes, when they were applied
        std::optional<auth::Presence> presence;
        std::optional<ChangeListener> listener;
    };

    void follow(const Source& source, Rooms rooms, const Terms& terms);

    std::list<Followed> followed_; // those do not move: threads and leases point to them
    std::optional<auth::Confirmation> confirmation_;
};

} // namespace gatehouse::gateway
