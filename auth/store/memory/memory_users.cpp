#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth {

MemoryStore::UserRecord* MemoryStore::user_of(std::string_view user_id)
{
    const auto found = users_.find(user_id);
    return found == users_.end() ? nullptr : &found->second;
}

bool MemoryStore::is_taken(const std::optional<std::string>& folded_name) const
{
    return folded_name && names_.contains(*folded_name);
}

bool MemoryStore::is_anothers_id(const std::optional<std::string>& username,
                                 std::string_view user_id) const
{
    return username && *username != user_id && users_.contains(*username);
}

bool MemoryStore::is_redeemable(std::string_view invite_hash, Millis now) const
{
    const auto invite = invites_.find(invite_hash);
    if (invite == invites_.end()) return false;
    return !enforced("memory_store.invite_expires") || now < invite->second;
}

Result<void, StoreError> MemoryStore::create_user(const User& user,
                                                  std::optional<std::string_view> invite_hash,
                                                  const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto created = insert_user(user, invite_hash, deed.at);
    if (!created) return created;
    const bool was_deleted = std::ranges::any_of(changes_, [&](const Change& change) {
        return deed.back_since && change.at > *deed.back_since && change.subject == user.id &&
               change.kind == ChangeKind::user_deleted;
    });
    if (was_deleted) add_change(ChangeKind::user_unblocked, user.id, deed.at);
    keep_record(deed.record);
    return created;
}

Result<void, StoreError> MemoryStore::register_user(const User& user,
                                                    std::optional<std::string_view> invite_hash,
                                                    const Session& first_session, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    if (const auto inserted = insert_user(user, invite_hash, deed.at); !inserted) return inserted;
    insert_session(first_session, deed.at);
    keep_record(deed.record);
    return {};
}

Result<void, StoreError>
MemoryStore::insert_user(const User& user, std::optional<std::string_view> invite_hash, Millis now)
{
    if (invite_hash && !is_redeemable(*invite_hash, now)) return StoreError::invite_invalid;
    const bool taken = users_.contains(user.id) || is_taken(user.folded_username) ||
                       is_taken(user.folded_email) || is_anothers_id(user.username, user.id);
    if (enforced("memory_store.names_unique") && taken) return StoreError::name_taken; // R57

    if (enforced("memory_store.invite_once") && invite_hash) {
        invites_.erase(invites_.find(*invite_hash));
    }
    users_.insert_or_assign(user.id, UserRecord{user, {}});
    take_names(user);
    return {};
}

void MemoryStore::take_names(const User& user)
{
    if (user.folded_username) names_.insert_or_assign(*user.folded_username, user.id);
    if (user.folded_email) names_.insert_or_assign(*user.folded_email, user.id);
}

Result<std::optional<User>, StoreError> MemoryStore::find_user_by_name(std::string_view folded_name)
{
    const std::scoped_lock lock(mutex_);
    const auto owner = names_.find(folded_name);
    if (owner == names_.end()) return std::optional<User>{};
    return std::optional(users_.at(owner->second).user);
}

Result<std::optional<User>, StoreError> MemoryStore::find_user(std::string_view user_id)
{
    const std::scoped_lock lock(mutex_);
    const auto* record = user_of(user_id);
    return record == nullptr ? std::optional<User>{} : std::optional(record->user);
}

Result<std::vector<User>, StoreError> MemoryStore::list_users(std::string_view after,
                                                              std::size_t limit)
{
    const std::scoped_lock lock(mutex_);
    const auto place = [](const User& user) { return std::tie(user.created, user.id); };
    const User* last = nullptr;
    if (!after.empty()) {
        const auto* record = user_of(after);
        if (record == nullptr) return StoreError::not_found;
        last = &record->user;
    }
    std::vector<User> page;
    for (const auto& [id, record] : users_) {
        if (last == nullptr || place(record.user) > place(*last)) page.push_back(record.user);
    }
    std::ranges::sort(page, {}, [](const User& user) { return std::pair(user.created, user.id); });
    if (page.size() > limit) page.resize(limit);
    return page;
}

Result<bool, StoreError> MemoryStore::replace_hash(std::string_view user_id,
                                                   std::string_view expected, std::string_view hash)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr || record->user.password_hash != expected) return false;
    record->user.password_hash = hash;
    return true;
}

Result<std::vector<std::string>, StoreError>
MemoryStore::set_password(std::string_view user_id, std::string_view hash,
                          std::string_view keep_session, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr || !may_ask(deed)) return StoreError::not_found;
    const bool judged = deed.judged_by.empty() || deed.judged_by == record->user.password_hash;
    if (enforced("memory_store.password_unchanged") && !judged) return StoreError::password_changed;
    record->user.password_hash = hash;
    void_links(user_id,
               [](const auto& link) { return link.purpose == LinkPurpose::reset_password; });
    keep_record(deed.record);
    return end_all(user_id, keep_session, deed.at);
}

Result<void, StoreError> MemoryStore::set_roles(std::string_view user_id,
                                                std::span<const std::string> roles,
                                                const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr) return StoreError::not_found;
    record->user.roles.assign(roles.begin(), roles.end());
    record->roles_changed_at = deed.at;
    add_change(ChangeKind::roles_changed, user_id, deed.at, record->user.roles);
    keep_record(deed.record);
    return {};
}

Result<User, StoreError> MemoryStore::rename_user(std::string_view user_id,
                                                  const NameChange& change, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr || !may_ask(deed)) return StoreError::not_found;
    const auto after = renamed(record->user, change);
    if (!after.username && !after.email) return StoreError::name_taken;
    const auto is_anothers = [&](const std::optional<std::string>& name) {
        const auto owner = name ? names_.find(*name) : names_.end();
        return owner != names_.end() && owner->second != user_id;
    };
    const bool taken = is_anothers(after.folded_username) || is_anothers(after.folded_email) ||
                       (change.username && is_anothers_id(after.username, user_id));
    if (enforced("memory_store.rename_unique") && taken) return StoreError::name_taken; // R57

    record->user = after;
    std::erase_if(names_, [&](const auto& name) { return name.second == user_id; });
    take_names(after);
    void_links(user_id, [&](const auto& link) { return link.address != after.folded_email; });
    keep_record(deed.record);
    return after;
}

Result<std::vector<std::string>, StoreError> MemoryStore::block_user(std::string_view user_id,
                                                                     const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr) return StoreError::not_found;
    auto ended = end_all(user_id, {}, deed.at);
    revoke_api_keys_of(user_id, deed.at);
    void_links(user_id, [](const auto&) { return true; });
    if (!record->user.blocked) add_change(ChangeKind::user_blocked, user_id, deed.at);
    record->user.blocked = true;
    keep_record(deed.record);
    return ended;
}

Result<void, StoreError> MemoryStore::unblock_user(std::string_view user_id, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = user_of(user_id);
    if (record == nullptr) return StoreError::not_found;
    if (record->user.blocked) add_change(ChangeKind::user_unblocked, user_id, deed.at);
    record->user.blocked = false;
    keep_record(deed.record);
    return {};
}

Result<std::vector<std::string>, StoreError> MemoryStore::delete_user(std::string_view user_id,
                                                                      const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    const auto* record = user_of(user_id);
    if (record == nullptr || !may_ask(deed)) return StoreError::not_found;
    auto ended = end_all(user_id, {}, deed.at);
    add_change(ChangeKind::user_deleted, user_id, deed.at);
    std::erase_if(names_, [&](const auto& name) { return name.second == user_id; });
    const auto is_theirs = [&](const auto& entry) { return entry.second.user_id == user_id; };
    std::erase_if(api_keys_, is_theirs);
    std::erase_if(passkeys_, is_theirs);
    forget_second_factor(user_id);
    std::erase_if(mails_, is_theirs);
    std::erase_if(links_, is_theirs);
    users_.erase(users_.find(user_id));
    remove_addresses_of(user_id);
    keep_record(deed.record);
    return ended;
}

Result<void, StoreError> MemoryStore::create_invite(std::string_view invite_hash,
                                                    Seconds expires_at, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    invites_.insert_or_assign(std::string(invite_hash), expires_at);
    keep_record(deed.record);
    return {};
}

} // namespace gatehouse::auth
