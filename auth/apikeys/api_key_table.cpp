#include "auth/apikeys/api_key_table.hpp"

#include "config/basics/enforced.hpp"

#include <sodium.h>

#include <atomic>
#include <unordered_set>
#include <utility>

namespace gatehouse::auth {

struct ApiKeyTable::Record {
    Principal principal;
    std::string digest;
    std::uint64_t version = 0;
    bool revoked = false;      // for good
    bool user_is_gone = false; // or blocked: refused, until the store says that it is there
    Seconds forget_at{};
    mutable std::atomic<bool> used{false};

    Record() = default;

    Record(const Record& other)
        : principal(other.principal),
          digest(other.digest),
          revoked(other.revoked),
          user_is_gone(other.user_is_gone),
          forget_at(other.forget_at),
          used(other.used.load())
    {
    }
};

namespace {

/// So long one hears that a key has expired or was revoked; after that it is unknown.
constexpr std::chrono::hours told_apart_for{24};

[[nodiscard]] Seconds floor_to_seconds(Millis at) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(at);
}

/// In the same time whatever the first difference is, and whether or not there is such a key.
[[nodiscard]] bool same_digest(std::string_view one, std::string_view other) noexcept
{
    return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

} // namespace

ApiKeyTable::~ApiKeyTable()
{
    records_.for_each([](const Id128&, const Record* record) { delete record; });
}

Result<ApiKeyTable::Found, TokenError> ApiKeyTable::find(const ApiKeyProof& proof,
                                                         Seconds now) const
{
    static const std::string nobody(crypto_hash_sha256_BYTES, '\0');
    const ReaderGate::Visit visit(gate_);
    const Record* record = records_.find(proof.id);
    const bool same = same_digest(record == nullptr ? nobody : record->digest, proof.digest);
    if (record == nullptr) return TokenError::unknown_key;
    if (enforced("api_key.digest") && !same) return TokenError::bad_signature;
    const bool over = record->revoked || record->user_is_gone;
    if (enforced("api_key.revoked") && over) return TokenError::revoked;
    if (enforced("api_key.expires") && now >= record->principal.expires_at) {
        return TokenError::expired;
    }
    record->used.store(true, std::memory_order_relaxed);
    return Found{record->principal, record->version};
}

bool ApiKeyTable::is_still(const Id128& id, std::uint64_t version) const noexcept
{
    const ReaderGate::Visit visit(gate_);
    const Record* record = records_.find(id);
    if (record == nullptr || record->version != version) return false;
    // Written once a minute and read for every request: the line stays with all workers.
    if (!record->used.load(std::memory_order_relaxed)) {
        record->used.store(true, std::memory_order_relaxed);
    }
    return true;
}

bool ApiKeyTable::is_live(const Id128& id) const noexcept
{
    const ReaderGate::Visit visit(gate_);
    const Record* record = records_.find(id);
    return record != nullptr && !record->revoked && !record->user_is_gone;
}

void ApiKeyTable::place(const Id128& id, std::unique_ptr<Record> record)
{
    const auto drain = [this] { gate_.wait_for_readers(); };
    record->version = ++last_version_;
    const std::unique_ptr<const Record> old(records_.put(id, record.release(), drain));
    if (old) drain();
}

template <class Change>
void ApiKeyTable::change(const Id128& id, Change&& what)
{
    const Record* before = records_.find(id);
    if (before == nullptr) return;
    auto after = std::make_unique<Record>(*before);
    what(*after);
    place(id, std::move(after));
}

template <class Change>
void ApiKeyTable::change_all_of(std::string_view user_id, Change&& what)
{
    const auto keys = by_user_.find(Text(user_id));
    if (keys == by_user_.end()) return;
    for (const auto& id : keys->second) change(id, what);
}

void ApiKeyTable::put(const ApiKey& key)
{
    const auto id = Id128::parse(key.id);
    if (!id) return; // not one that make_api_key() made
    auto record = std::make_unique<Record>();
    auto& principal = record->principal;
    principal.user_id = key.user_id;
    principal.roles = key.roles;
    principal.scopes = key.scopes;
    principal.api_key = key.id;
    principal.expires_at = key.expires_at.value_or(no_api_key_expiry);
    record->digest = key.digest;
    record->revoked = key.revoked_at.has_value();
    record->forget_at = principal.expires_at + told_apart_for;
    if (key.revoked_at) record->forget_at = floor_to_seconds(*key.revoked_at) + told_apart_for;

    const std::lock_guard lock(writer_);
    if (const Record* before = records_.find(*id)) {
        record->revoked = record->revoked || before->revoked;
        record->used = before->used.load();
    } else {
        by_user_[key.user_id].push_back(*id);
    }
    place(*id, std::move(record));
}

void ApiKeyTable::revoke(std::string_view text, Seconds until)
{
    const auto id = Id128::parse(text);
    if (!id) return;
    const std::lock_guard lock(writer_);
    change(*id, [until](Record& record) {
        record.revoked = true;
        record.forget_at = until;
    });
}

void ApiKeyTable::apply(const Change& news, Seconds until)
{
    if (news.kind == ChangeKind::api_key_revoked) return revoke(news.subject, until);
    const std::lock_guard lock(writer_);
    if (news.kind == ChangeKind::user_blocked || news.kind == ChangeKind::user_deleted) {
        change_all_of(news.subject, [until](Record& record) {
            record.user_is_gone = true;
            record.forget_at = until;
        });
    } else if (news.kind == ChangeKind::roles_changed) {
        change_all_of(news.subject,
                      [&news](Record& record) { record.principal.roles = news.roles; });
    }
}

void ApiKeyTable::load(const std::vector<ApiKey>& keys)
{
    std::unordered_set<Text> there;
    for (const auto& key : keys) {
        there.insert(key.id);
        put(key);
    }
    const std::lock_guard lock(writer_);
    std::vector<Id128> gone;
    records_.for_each([&](const Id128& id, const Record* record) {
        if (!there.contains(record->principal.api_key)) gone.push_back(id);
    });
    drop(gone);
}

void ApiKeyTable::forget(Seconds now)
{
    const std::lock_guard lock(writer_);
    std::vector<Id128> gone;
    records_.for_each([&](const Id128& id, const Record* record) {
        if (record->forget_at <= now) gone.push_back(id);
    });
    drop(gone);
}

void ApiKeyTable::drop(const std::vector<Id128>& ids)
{
    if (ids.empty()) return;
    std::unordered_map<const Record*, std::unique_ptr<const Record>> gone;
    for (const auto& id : ids) {
        const Record* record = records_.find(id);
        gone.emplace(record, record);
        const auto owner = by_user_.find(record->principal.user_id);
        std::erase(owner->second, id);
        if (owner->second.empty()) by_user_.erase(owner);
    }
    records_.drop_if([&](const Id128&, const Record* record) { return gone.contains(record); },
                     [this] { gate_.wait_for_readers(); });
    // A shard's array is freed after its readers left, and with them left the records' readers.
}

std::vector<std::string> ApiKeyTable::take_used()
{
    std::vector<std::string> ids;
    const std::lock_guard lock(writer_);
    records_.for_each([&](const Id128&, const Record* record) {
        if (record->used.exchange(false)) ids.push_back(record->principal.api_key);
    });
    return ids;
}

std::size_t ApiKeyTable::size() const
{
    const std::lock_guard lock(writer_);
    return records_.size();
}

} // namespace gatehouse::auth
