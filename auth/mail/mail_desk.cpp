#include "auth/mail/mail_desk.hpp"

#include "auth/basics/id.hpp"
#include "config/basics/enforced.hpp"

#include <utility>

namespace gatehouse::auth {
namespace {

/// When nobody wants it any more: the link is made when it is sent, and is good from then on.
[[nodiscard]] Seconds expiry_of(const config::MailSettings& settings, Seconds now)
{
    return now + settings.keep_trying;
}

/// What they are counted as: nobody can have a stranger's mailbox filled.
[[nodiscard]] std::string_view word_of(MailKind kind) noexcept
{
    switch (kind) {
    case MailKind::reset_password:
        return "reset";
    case MailKind::verify_email:
        return "verify";
    case MailKind::password_changed:
        return "changed";
    case MailKind::address_changed:
        break;
    }
    return "moved";
}

} // namespace

bool MailDesk::leave(MailWish wish)
{
    const std::scoped_lock lock(mutex_);
    if (enforced("mail_desk.bounded") && wishes_.size() >= most_wishes) {
        ++dropped_;
        return false;
    }
    wishes_.push_back(std::move(wish));
    left_.notify_one();
    return true;
}

void MailDesk::stop()
{
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    left_.notify_all();
}

std::optional<MailWish> MailDesk::next(std::chrono::milliseconds wait)
{
    std::unique_lock lock(mutex_);
    left_.wait_for(lock, wait, [this] { return stopped_ || !wishes_.empty(); });
    if (wishes_.empty()) return std::nullopt;
    auto wish = std::move(wishes_.front());
    wishes_.pop_front();
    return wish;
}

MailDesk::Work MailDesk::work(const config::MailSettings& settings, std::chrono::milliseconds wait)
{
    auto wish = next(wait);
    if (!wish) return Work::nothing_left;
    if (queue(*wish, settings)) return Work::done;
    const std::scoped_lock lock(mutex_);
    wishes_.push_front(*std::move(wish)); // one more than there is room for, at the most
    return Work::store_away;
}

Result<std::optional<User>, StoreError> MailDesk::find(const MailWish& wish)
{
    return wish.user_id.empty() ? rooms_.store.find_user_by_name(wish.name)
                                : rooms_.store.find_user(wish.user_id);
}

bool MailDesk::queue(const MailWish& wish, const config::MailSettings& settings)
{
    const auto found = find(wish);
    if (!found) return false;
    const auto& user = *found;
    // A username may look like anything; what was typed has to be the address itself.
    if (!user || (wish.user_id.empty() && user->folded_email != wish.name)) return true;
    if (enforced("mail_desk.unblocked") && user->blocked) return true;
    if (wish.kind == MailKind::verify_email && user->email_verified_at) return true;
    // Never to what was typed: that is only as good as the address that it folds to.
    const auto address = wish.address.empty() ? user->email.value_or("") : wish.address;
    if (address.empty()) return true;
    const auto admitted = rooms_.throttle.take_mail_to(user->id, word_of(wish.kind));
    if (!admitted && !admitted.error().retry_after) return false;
    if (!admitted) {
        ++held_back_;
        return true;
    }
    const auto now = rooms_.clock.now();
    QueuedMail mail;
    mail.id = Id128::random().to_string();
    mail.kind = wish.kind;
    mail.user_id = user->id;
    mail.address = address;
    mail.created = std::chrono::floor<std::chrono::seconds>(now);
    mail.expires_at = expiry_of(settings, mail.created);
    mail.next_try = now;
    const auto queued = rooms_.store.queue_mail(mail, settings.queue);
    if (!queued) return queued.error() == StoreError::not_found;
    if (!*queued) ++held_back_;
    if (*queued && wish.kind == MailKind::reset_password) note(wish, *user);
    return true;
}

void MailDesk::note(const MailWish& wish, const User& user) const
{
    rooms_.log.record({SecurityEventKind::password_reset_request, "ok", user.id, "", wish.asker,
                       wish.request_id, rooms_.clock.now()});
}

} // namespace gatehouse::auth
