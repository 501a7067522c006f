#include "auth/revocation/revocation_table.hpp"

#include <sodium.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>

namespace gatehouse::auth {

namespace {

/// Seconds since 1970 in 32 bits, good until 2106; never 0, which means an empty slot.
std::uint32_t packed(Seconds at) noexcept
{
    const auto seconds = at.time_since_epoch().count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
        seconds, 1, std::int64_t{std::numeric_limits<std::uint32_t>::max()}));
}

} // namespace

struct RevocationTable::UserRecord {
    bool blocked = false;
    std::optional<Seconds> deleted_until;
    std::shared_ptr<const std::vector<std::string>> roles;
    Seconds roles_until{};

    /// Nothing that outlives `now`.
    [[nodiscard]] bool is_empty_at(Seconds now) const noexcept
    {
        return !blocked && !(deleted_until && *deleted_until > now) &&
               !(roles && roles_until > now);
    }
};

RevocationTable::RevocationTable()
{
    if (sodium_init() < 0) std::abort(); // no random numbers: nothing here could be trusted
    randombytes_buf(fingerprint_key_.data(), fingerprint_key_.size());
}

RevocationTable::~RevocationTable()
{
    users_.for_each([](const Id128&, const UserRecord* record) { delete record; });
}

bool RevocationTable::find_ended(const Id128& session) const noexcept
{
    const ReaderGate::Visit visit(gate_);
    return ended_.find(session) != 0;
}

UserStanding RevocationTable::find_standing(std::string_view user_id) const noexcept
{
    const auto id = fingerprint(user_id);
    const ReaderGate::Visit visit(gate_);
    const UserRecord* record = users_.find(id);
    if (record == nullptr) return {};
    return {record->blocked || record->deleted_until, record->roles};
}

Id128 RevocationTable::fingerprint(std::string_view user_id) const noexcept
{
    static_assert(crypto_shorthash_siphashx24_BYTES == 16);
    static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes unsigned bytes
    const auto* bytes = reinterpret_cast<const unsigned char*>(user_id.data());
    std::array<unsigned char, 16> hash{};
    crypto_shorthash_siphashx24(hash.data(), bytes, user_id.size(), fingerprint_key_.data());
    Id128 id;
    std::memcpy(&id.high, hash.data(), 8);
    std::memcpy(&id.low, hash.data() + 8, 8);
    return id;
}

void RevocationTable::end_session(const Id128& session, Seconds until)
{
    const std::lock_guard lock(writer_);
    const auto drain = [this] { gate_.wait_for_readers(); };
    const auto before = ended_.put(session, packed(until), drain);
    if (before > packed(until)) ended_.put(session, before, drain);
    if (before == 0) ended_count_.fetch_add(1, std::memory_order_seq_cst);
}

template <class Change>
void RevocationTable::change_user(std::string_view user_id, Change&& change)
{
    const auto id = fingerprint(user_id);
    const std::lock_guard lock(writer_);
    const auto drain = [this] { gate_.wait_for_readers(); };
    const UserRecord* before = users_.find(id);
    auto after = std::make_unique<UserRecord>(before == nullptr ? UserRecord{} : *before);
    change(*after);
    if (before == nullptr && after->is_empty_at(Seconds::min())) return;
    const std::unique_ptr<const UserRecord> old(users_.put(id, after.release(), drain));
    if (old) {
        drain();
    } else {
        user_count_.fetch_add(1, std::memory_order_seq_cst);
    }
}

void RevocationTable::block(std::string_view user_id)
{
    change_user(user_id, [](UserRecord& record) { record.blocked = true; });
}

void RevocationTable::unblock(std::string_view user_id)
{
    change_user(user_id, [](UserRecord& record) {
        record.blocked = false;
        record.deleted_until.reset(); // there is one of this id again
    });
}

void RevocationTable::remove_user(std::string_view user_id, Seconds until)
{
    change_user(user_id, [until](UserRecord& record) {
        record = UserRecord{};
        record.deleted_until = until;
    });
}

void RevocationTable::set_roles(std::string_view user_id, std::vector<std::string> roles,
                                Seconds until)
{
    auto shared = std::make_shared<const std::vector<std::string>>(std::move(roles));
    change_user(user_id, [&](UserRecord& record) {
        record.roles = std::move(shared);
        record.roles_until = until;
    });
}

void RevocationTable::apply(const Change& change, Seconds until)
{
    switch (change.kind) {
    case ChangeKind::session_ended:
        if (const auto id = Id128::parse(change.subject)) end_session(*id, until);
        break;
    case ChangeKind::user_blocked:
        block(change.subject);
        break;
    case ChangeKind::user_unblocked:
        unblock(change.subject);
        break;
    case ChangeKind::user_deleted:
        remove_user(change.subject, until);
        break;
    case ChangeKind::roles_changed:
        set_roles(change.subject, change.roles, until);
        break;
    case ChangeKind::keys_changed:
    case ChangeKind::api_key_created:
    case ChangeKind::api_key_revoked:
        break; // the business of the key ring and of the table of API keys
    }
}

void RevocationTable::load(const ChangeFeed::Standing& standing, Seconds until)
{
    for (const auto& session : standing.ended_sessions) {
        if (const auto id = Id128::parse(session)) end_session(*id, until);
    }
    for (const auto& user : standing.blocked_users) block(user);
    for (const auto& [user, roles] : standing.changed_roles) set_roles(user, roles, until);
}

void RevocationTable::forget(Seconds now)
{
    const std::lock_guard lock(writer_);
    ended_.drop_if(
        [last = packed(now)](const Id128&, std::uint32_t until) { return until <= last; },
        [this] { gate_.wait_for_readers(); });
    ended_count_.store(ended_.size(), std::memory_order_seq_cst);
    forget_users(now);
}

void RevocationTable::forget_users(Seconds now)
{
    std::vector<std::unique_ptr<const UserRecord>> gone;
    users_.for_each([&](const Id128&, const UserRecord* record) {
        if (record->is_empty_at(now)) gone.emplace_back(record);
    });
    if (gone.empty()) return;
    users_.drop_if(
        [now](const Id128&, const UserRecord* record) { return record->is_empty_at(now); },
        [this] { gate_.wait_for_readers(); });
    user_count_.store(users_.size(), std::memory_order_seq_cst);
    // A shard's array is freed after its readers left, and with them left the records' readers.
}

std::vector<std::string> RevocationTable::ended_sessions() const
{
    std::vector<std::string> all;
    const std::lock_guard lock(writer_);
    ended_.for_each([&](const Id128& id, std::uint32_t) { all.push_back(id.to_string()); });
    return all;
}

std::size_t RevocationTable::size() const
{
    const std::lock_guard lock(writer_);
    return ended_.size() + users_.size();
}

std::size_t RevocationTable::memory_bytes() const
{
    const std::lock_guard lock(writer_);
    return sizeof(*this) - sizeof(ended_) - sizeof(users_) + ended_.memory_bytes() +
           users_.memory_bytes() + users_.size() * sizeof(UserRecord);
}

} // namespace gatehouse::auth
