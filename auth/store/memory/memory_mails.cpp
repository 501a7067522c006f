#include "auth/store/memory/memory_store.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>
#include <tuple>

namespace gatehouse::auth {

Result<bool, StoreError> MemoryStore::queue_mail(const QueuedMail& mail, std::size_t most)
{
    const std::scoped_lock lock(mutex_);
    if (user_of(mail.user_id) == nullptr) return StoreError::not_found;
    const bool waits = std::ranges::any_of(mails_, [&](const auto& entry) {
        const auto& other = entry.second;
        return std::tie(other.user_id, other.kind, other.address) ==
               std::tie(mail.user_id, mail.kind, mail.address);
    });
    if (waits || mails_.size() >= most) return false;
    return mails_.emplace(mail.id, mail).second;
}

Result<std::optional<QueuedMail>, StoreError> MemoryStore::take_mail(Millis now, Millis until)
{
    const std::scoped_lock lock(mutex_);
    const auto next = std::ranges::min_element(
        mails_, {}, [](const auto& entry) { return std::tie(entry.second.next_try, entry.first); });
    if (next == mails_.end() || next->second.next_try > now) return std::optional<QueuedMail>();
    auto& mail = next->second;
    mail.next_try = until;
    ++mail.attempts;
    return std::optional(mail);
}

QueuedMail* MemoryStore::mail_taken(std::string_view id, std::uint32_t attempts)
{
    const auto found = mails_.find(id);
    if (found == mails_.end() || found->second.attempts != attempts) return nullptr;
    return &found->second;
}

Result<bool, StoreError> MemoryStore::put_off_mail(std::string_view id, std::uint32_t attempts,
                                                   Millis next_try)
{
    const std::scoped_lock lock(mutex_);
    auto* mail = mail_taken(id, attempts);
    if (mail == nullptr) return false;
    mail->next_try = next_try;
    return true;
}

Result<bool, StoreError> MemoryStore::remove_mail(std::string_view id, std::uint32_t attempts)
{
    const std::scoped_lock lock(mutex_);
    if (mail_taken(id, attempts) == nullptr) return false;
    mails_.erase(mails_.find(id));
    return true;
}

Result<MailStore::Waiting, StoreError> MemoryStore::mails_waiting()
{
    const std::scoped_lock lock(mutex_);
    Waiting waiting{mails_.size(), {}};
    for (const auto& [id, mail] : mails_) {
        if (waiting.oldest == Seconds{} || mail.created < waiting.oldest)
            waiting.oldest = mail.created;
    }
    return waiting;
}

Result<void, StoreError> MemoryStore::keep_link(const MailedLink& link)
{
    const std::scoped_lock lock(mutex_);
    const auto* record = user_of(link.user_id);
    if (record == nullptr) return StoreError::not_found;
    if (record->user.blocked) return StoreError::blocked;
    if (enforced("memory_store.one_link")) {
        void_links(link.user_id, [&](const auto& old) { return old.purpose == link.purpose; });
    }
    links_.insert_or_assign(link.digest, link);
    return {};
}

Result<std::optional<MailedLink>, StoreError> MemoryStore::find_link(std::string_view digest)
{
    const std::scoped_lock lock(mutex_);
    const auto found = links_.find(digest);
    return found == links_.end() ? std::optional<MailedLink>() : std::optional(found->second);
}

MemoryStore::UserRecord* MemoryStore::use_link(std::string_view digest, LinkPurpose purpose,
                                               Millis now)
{
    const auto found = links_.find(digest);
    if (found == links_.end()) return nullptr;
    auto* record = user_of(found->second.user_id);
    if (!opens(found->second, purpose, record->user, now)) return nullptr;
    if (enforced("memory_store.link_once")) links_.erase(found);
    return record;
}

Result<std::vector<std::string>, StoreError>
MemoryStore::reset_password(std::string_view digest, std::string_view hash, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = use_link(digest, LinkPurpose::reset_password, deed.at);
    if (record == nullptr) return StoreError::not_found;
    auto& user = record->user;
    user.password_hash = hash;
    if (enforced("memory_store.reset_evicts_squatter") && !user.email_verified_at) {
        std::erase_if(passkeys_,
                      [&](const auto& entry) { return entry.second.user_id == user.id; });
        forget_second_factor(user.id);
    }
    user.email_verified_at = std::chrono::floor<std::chrono::seconds>(deed.at);
    if (enforced("memory_store.links_voided"))
        void_links(user.id, [](const auto&) { return true; });
    keep_record(deed.record);
    return end_all(user.id, {}, deed.at);
}

Result<void, StoreError> MemoryStore::verify_email(std::string_view digest, const Deed& deed)
{
    const std::scoped_lock lock(mutex_);
    auto* record = use_link(digest, LinkPurpose::verify_email, deed.at);
    if (record == nullptr) return StoreError::not_found;
    record->user.email_verified_at = std::chrono::floor<std::chrono::seconds>(deed.at);
    keep_record(deed.record);
    return {};
}

} // namespace gatehouse::auth
