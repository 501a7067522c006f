#pragma once

#include "auth/apikeys/api_key_table.hpp"
#include "auth/basics/clock.hpp"
#include "auth/basics/durations.hpp"
#include "auth/revocation/revocation_table.hpp"
#include "auth/store/store.hpp"
#include "config/basics/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gatehouse::auth {

/// Hears what other processes did and refuses it here: a logout on one replica, a block from the
/// command line. Skips nothing: it takes the standing of one moment and then every change after
/// it, in order, also after an outage. Rows this process wrote come back too and change nothing.
///
/// No thread and no clock but the one it is given: whoever owns it says when the next round is.
class FeedFollower {
public:
    struct Rooms {
        ChangeFeed& feed;
        RevocationTable& revocations;
        const Clock& clock;
        /// With the feed that tells of API keys: where they are known here, and where new ones are
        /// read.
        ApiKeyTable* api_keys = nullptr;
        ApiKeyStore* api_key_store = nullptr; // set with it
        /// Hears of each change how old it was when it was applied; null: nobody wants to know.
        Durations* ages = nullptr;
    };

    /// `token_life`: how long after a session's end an access token of it may still be around.
    /// `on_keys` is called when the key ring may have changed; false: it could not be read, call
    /// again soon.
    FeedFollower(Rooms rooms, std::chrono::seconds token_life, std::function<bool()> on_keys);

    /// Loads what a starting process must refuse. Nothing may be served before this succeeded; the
    /// caller tries again after an error.
    [[nodiscard]] Result<void, StoreError> catch_up();

    /// Applies everything that was committed before this call. Where the feed has begun anew that
    /// is its standing; nothing that was refused before is allowed again, and what the standing
    /// lacks of it is told to the feed.
    [[nodiscard]] Result<void, StoreError> hear();

    /// A quiet feed is looked at this often, so that its silence tells an outage from a quiet hour.
    static constexpr std::chrono::milliseconds longest_wait{250};

    /// Blocks until there may be more to hear, or for so long.
    [[nodiscard]] Result<void, StoreError>
    wait_for_more(std::chrono::milliseconds wait = longest_wait);

    /// How long to rest before the next round: not at all after one that went well, and after each
    /// bad one twice as long as before.
    [[nodiscard]] std::chrono::milliseconds rest_after(bool went_well) noexcept;

    /// The number of the last change that was applied.
    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

private:
    [[nodiscard]] Result<void, StoreError> begin_again();
    [[nodiscard]] Result<void, StoreError> tell_what_was_lost();
    void load(const ChangeFeed::Standing& standing);
    void apply(const Change& change);
    void deliver_keys();
    [[nodiscard]] Result<void, StoreError> load_api_keys();
    [[nodiscard]] Result<void, StoreError> read_new_api_keys();

    Rooms rooms_;
    const std::chrono::seconds token_life_;
    const std::function<bool()> on_keys_;

    std::uint64_t sequence_ = 0; // everything up to here was applied
    bool keys_pending_ = false;
    std::vector<std::string> new_api_keys_; // told of, and still to be read
    std::vector<std::string> lost_; // sessions of whose end a feed that began anew must be told
    std::chrono::milliseconds rest_;
};

} // namespace gatehouse::auth
