#include "gateway/mail/mail_room.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace gatehouse::gateway {

using Fate = MailCarrier::Outcome::Fate;
using namespace std::chrono_literals;

namespace {

// How long a mail may wait that another process queued or gave up.
constexpr auto look_every = 5s;
constexpr auto desk_patience = 1s;
constexpr auto outage_pause = 500ms;
constexpr auto telling_every = 1min;
// For the mail that is on its way when the gateway ends.
constexpr auto last_moment = 3s;

std::string_view word_of(auth::MailKind kind) noexcept
{
    switch (kind) {
    case auth::MailKind::reset_password:
        return "reset_password";
    case auth::MailKind::verify_email:
        return "verify_email";
    case auth::MailKind::password_changed:
        return "password_changed";
    case auth::MailKind::address_changed:
        break;
    }
    return "address_changed";
}

} // namespace

MailRoom::MailRoom(Rooms rooms) : rooms_(rooms), carrier_(rooms.store, rooms.clock) {}

MailRoom::~MailRoom()
{
    end_by(Steady::now());
}

void MailRoom::use(const config::Settings& settings)
{
    const std::scoped_lock lock(mutex_);
    if (stopping_) return; // whoever ends it may be waiting for the threads already
    const bool running = sender_thread_.joinable();
    if (!running && !settings.mail.is_on()) return;
    wanted_ = std::make_shared<const config::Settings>(settings);
    has_news_ = true;
    woken_.notify_all();
    if (running) return;
    desk_thread_ = std::thread([this] { run_desk(); });
    sender_thread_ = std::thread([this] { run_sender(); });
}

void MailRoom::finish()
{
    end_by(Steady::now() + last_moment);
}

void MailRoom::end_by(Steady::time_point deadline)
{
    {
        const std::scoped_lock lock(mutex_);
        deadline_ = std::min(deadline_.load(), deadline);
        stopping_ = true;
        woken_.notify_all();
    }
    rooms_.desk.stop();
    if (desk_thread_.joinable()) desk_thread_.join();
    if (sender_thread_.joinable()) sender_thread_.join();
}

MailRoom::Wanted MailRoom::wanted() const
{
    const std::scoped_lock lock(mutex_);
    return wanted_;
}

bool MailRoom::is_stopping() const
{
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

bool MailRoom::is_too_late() const noexcept
{
    return Steady::now() >= deadline_.load(std::memory_order_relaxed);
}

void MailRoom::run_desk() noexcept
{
    try {
        while (!is_stopping()) empty_desk();
        empty_desk();
    } catch (const std::exception& error) { // no memory
        rooms_.log.say(config::LogLevel::error, "mails_ended", "no more mails are queued",
                       {
                           {"reason", error.what()}
        });
    }
}

/// Until nothing is left there, or the store does not answer.
void MailRoom::empty_desk()
{
    using Work = auth::MailDesk::Work;
    const auto settings = wanted();
    while (true) {
        const auto work = rooms_.desk.work(settings->mail, desk_patience);
        if (work == Work::nothing_left) return;
        std::unique_lock lock(mutex_);
        if (work == Work::store_away) {
            woken_.wait_for(lock, outage_pause, [this] { return stopping_; });
            return;
        }
        has_news_ = true;
        woken_.notify_all();
    }
}

void MailRoom::run_sender() noexcept
{
    try {
        SmtpClient client;
        while (!is_stopping()) {
            send_waiting(client);
            wait_for_mail();
        }
    } catch (const std::exception& error) { // no memory
        rooms_.log.say(config::LogLevel::error, "mails_ended", "no more mails are sent",
                       {
                           {"reason", error.what()}
        });
    }
}

void MailRoom::wait_for_mail()
{
    look_at_queue();
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, look_every, [this] { return stopping_ || has_news_; });
    has_news_ = false;
}

void MailRoom::send_waiting(SmtpClient& client)
{
    const auto send = [&](const std::string& from, const std::string& to, const std::string& mail) {
        return client.send(from, to, mail, [this] { return is_too_late(); });
    };
    while (!is_stopping()) {
        if (auto next = wanted(); next != in_use_) {
            in_use_ = std::move(next);
            client.use(in_use_->mail);
        }
        if (!in_use_->mail.is_on()) return; // a reload took the server away
        const auto outcome = carrier_.carry(*in_use_, send, [this] { return is_stopping(); });
        count(outcome);
        if (outcome.fate == Fate::nothing_due || outcome.fate == Fate::store_away) return;
        tell(outcome);
        look_at_queue();
    }
}

void MailRoom::count(const MailCarrier::Outcome& outcome)
{
    switch (outcome.fate) {
    case Fate::sent:
        ++sent_;
        break;
    case Fate::refused:
        ++refused_;
        break;
    case Fate::expired:
        ++expired_;
        break;
    case Fate::again:
        ++again_;
        break;
    case Fate::nothing_due:
    case Fate::store_away:
    case Fate::void_:
        break;
    }
}

void MailRoom::look_at_queue()
{
    const auto found = rooms_.store.mails_waiting();
    if (!found) return;
    waiting_ = found->mails;
    oldest_ = found->mails == 0 ? 0 : found->oldest.time_since_epoch().count();
}

void MailRoom::tell(const MailCarrier::Outcome& outcome)
{
    const auto facts = {
        Fact{"mail",   word_of(outcome.kind)},
        Fact{"reason", outcome.why          }
    };
    if (outcome.fate == Fate::refused) {
        rooms_.log.say(config::LogLevel::warn, "mail_refused", "a mail was refused for good",
                       facts);
    } else if (outcome.fate == Fate::expired) {
        rooms_.log.say(config::LogLevel::warn, "mail_expired",
                       "a mail could not be sent in time and is given up", facts);
    } else if (outcome.fate == Fate::again && !is_stopping()) {
        tell_failing(outcome);
    } else if (outcome.fate == Fate::sent && std::exchange(failing_, false)) {
        rooms_.log.say(config::LogLevel::info, "mails_sent", "the mail server takes mails again");
    }
}

void MailRoom::tell_failing(const MailCarrier::Outcome& outcome)
{
    const auto now = Steady::now();
    if (std::exchange(failing_, true) && now < next_telling_) return;
    next_telling_ = now + telling_every;
    rooms_.log.say(config::LogLevel::warn, "mails_failing", "mails cannot be sent; they wait",
                   {
                       {"reason", outcome.why}
    });
}

MailFacts MailRoom::facts() const
{
    MailFacts facts;
    facts.sent = sent_;
    facts.refused = refused_;
    facts.expired = expired_;
    facts.retried = again_;
    const auto desk = rooms_.desk.counts();
    facts.dropped = desk.dropped;
    facts.held_back = desk.held_back;
    facts.waiting = waiting_;
    const auto oldest = oldest_.load();
    const auto now = rooms_.clock.seconds().time_since_epoch().count();
    facts.oldest_seconds = oldest == 0 ? 0 : std::max<std::int64_t>(0, now - oldest);
    return facts;
}

} // namespace gatehouse::gateway
