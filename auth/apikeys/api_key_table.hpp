#pragma once

#include "auth/apikeys/api_key.hpp"
#include "auth/apikeys/api_key_text.hpp"
#include "auth/basics/id.hpp"
#include "auth/revocation/id_table.hpp"
#include "auth/revocation/reader_gate.hpp"
#include "auth/store/change.hpp"
#include "auth/tokens/principal.hpp"
#include "auth/tokens/token_error.hpp"
#include "config/basics/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::auth {

/// Every API key there is, in memory, so that a request with a key needs no store: read by all
/// workers without a lock, written when the feed or this process has news. Safe from any thread; a
/// reader that starts after a write returned sees that write. 100,000 keys take some 50 MiB.
class ApiKeyTable {
public:
    ApiKeyTable() = default;
    ~ApiKeyTable();
    ApiKeyTable(const ApiKeyTable&) = delete;
    ApiKeyTable& operator=(const ApiKeyTable&) = delete;

    /// Whom a key speaks for, good as long as is_still() says so of `version`.
    struct Found {
        Principal principal;
        std::uint64_t version = 0;
    };

    /// Errors: unknown_key, bad_signature (the id is a key's, the secret is not), revoked, expired.
    [[nodiscard]] Result<Found, TokenError> find(const ApiKeyProof& proof, Seconds now) const;
    /// Whether nothing has changed about this key since find(). Counts as a use. Does not allocate.
    [[nodiscard]] bool is_still(const Id128& id, std::uint64_t version) const noexcept;

    /// Whether there is such a key and nobody has revoked it; no use of it.
    [[nodiscard]] bool is_live(const Id128& id) const noexcept;

    /// As the store has it. What revoke() said stays said.
    void put(const ApiKey& key);
    /// For good: refused as revoked until it is forgotten.
    void revoke(std::string_view id, Seconds until);
    /// What another process did. A new key is not told here: its row has to be read.
    void apply(const Change& change, Seconds until);
    /// All that are there; others are not.
    void load(const std::vector<ApiKey>& keys);
    /// Drops what was revoked or expired and need not be told from unknown any more.
    void forget(Seconds now);

    /// The ids of those that were used since the last call.
    [[nodiscard]] std::vector<std::string> take_used();
    [[nodiscard]] std::size_t size() const;

private:
    struct Record;
    using Text = std::string;

    // All of these expect writer_ to be held.
    void place(const Id128& id, std::unique_ptr<Record> record);
    template <class Change>
    void change(const Id128& id, Change&& what);
    template <class Change>
    void change_all_of(std::string_view user_id, Change&& what);
    void drop(const std::vector<Id128>& ids);

    ReaderGate gate_;
    IdTable<const Record*> records_;
    std::unordered_map<Text, std::vector<Id128>> by_user_;
    std::uint64_t last_version_ = 0;
    mutable std::mutex writer_;
};

/// What is written instead of the end of a key that has none: later than any token's.
inline constexpr Seconds no_api_key_expiry{std::chrono::seconds{4'102'444'800}}; // 2100-01-01

} // namespace gatehouse::auth
