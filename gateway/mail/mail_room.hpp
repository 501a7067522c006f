#pragma once

#include "auth/mail/mail_desk.hpp"
#include "auth/store/store.hpp"
#include "config/settings/settings.hpp"
#include "gateway/mail/mail_carrier.hpp"
#include "gateway/mail/smtp_client.hpp"
#include "gateway/observe/event_log.hpp"
#include "gateway/observe/metrics.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace gatehouse::gateway {

/// Two threads: one carries what requests left at the desk into the store, the other from there to
/// the mail server. A server that is slow or gone holds up neither a worker, nor a reload, nor the
/// end; mails wait in the store meanwhile.
class MailRoom {
public:
    /// All outlive the room.
    struct Rooms {
        auth::Store& store;
        auth::MailDesk& desk;
        const auth::Clock& clock;
        EventLog& log;
    };

    explicit MailRoom(Rooms rooms);
    MailRoom(const MailRoom&) = delete;
    MailRoom& operator=(const MailRoom&) = delete;
    /// Leaves in the store what still waits.
    ~MailRoom();

    /// From now on mails go where these settings say. No thread runs before mail is on. One thread
    /// at a time.
    void use(const config::Settings& settings);

    /// After the workers: what was left at the desk goes into the store, and the mail that is on
    /// its way gets a moment to arrive. Then both threads are gone.
    void finish();

    /// What became of mails; from any thread.
    [[nodiscard]] MailFacts facts() const;

private:
    using Steady = std::chrono::steady_clock;
    using Wanted = std::shared_ptr<const config::Settings>;

    void end_by(Steady::time_point deadline);
    [[nodiscard]] Wanted wanted() const;
    void run_desk() noexcept;
    void run_sender() noexcept;
    void empty_desk();
    void send_waiting(SmtpClient& client);
    void wait_for_mail();
    void count(const MailCarrier::Outcome& outcome);
    void tell(const MailCarrier::Outcome& outcome);
    void tell_failing(const MailCarrier::Outcome& outcome);
    void look_at_queue();
    [[nodiscard]] bool is_stopping() const;
    [[nodiscard]] bool is_too_late() const noexcept;

    Rooms rooms_;
    MailCarrier carrier_;

    // The sender's own.
    Wanted in_use_;
    bool failing_ = false;
    Steady::time_point next_telling_{};

    std::atomic<std::uint64_t> sent_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> expired_{0};
    std::atomic<std::uint64_t> again_{0};
    std::atomic<std::uint64_t> waiting_{0};
    std::atomic<std::int64_t> oldest_{0}; // seconds since 1970; 0: none waits
    std::atomic<Steady::time_point> deadline_{Steady::time_point::max()};

    mutable std::mutex mutex_;
    std::condition_variable woken_;
    Wanted wanted_;         // guarded by mutex_, as what follows
    bool has_news_ = false; // a mail came to wait, or the settings are others
    bool stopping_ = false;
    std::thread desk_thread_; // last: they use everything above
    std::thread sender_thread_;
};

} // namespace gatehouse::gateway
