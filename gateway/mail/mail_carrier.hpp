#pragma once

#include "auth/basics/clock.hpp"
#include "auth/store/store.hpp"
#include "config/settings/settings.hpp"
#include "gateway/mail/smtp_answer.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace gatehouse::gateway {

/// Takes one waiting mail out of the store, makes it and hands it in. No thread and no network of
/// its own. Whoever dies in the middle leaves the mail to whoever comes when its lease is over:
/// each mail arrives at least once.
class MailCarrier {
public:
    using Send = std::function<SmtpAnswer(const std::string& from, const std::string& to,
                                          const std::string& mail)>;

    /// Both outlive the carrier.
    MailCarrier(auth::Store& store, const auth::Clock& clock) : store_(store), clock_(clock) {}

    struct Outcome {
        enum class Fate : std::uint8_t {
            nothing_due,
            store_away,
            sent,
            again,   // put off
            refused, // by the server, for good
            expired,
            void_ // nobody is to get it any more
        };

        Fate fate = Fate::nothing_due;
        auth::MailKind kind{};
        std::string why{};
    };

    /// `stopping`: a mail that was not taken because we end is not put off.
    [[nodiscard]] Outcome carry(const config::Settings& settings, const Send& send,
                                const std::function<bool()>& stopping);

private:
    [[nodiscard]] Outcome deliver(const config::Settings& settings, const auth::QueuedMail& mail,
                                  const Send& send, const std::function<bool()>& stopping);
    /// The link, made now and kept; nothing: the store does not answer.
    [[nodiscard]] Result<Secret, auth::StoreError> new_link(const config::Settings& settings,
                                                            const auth::QueuedMail& mail,
                                                            const auth::User& user);
    [[nodiscard]] Outcome given_up(const auth::QueuedMail& mail, Outcome::Fate fate,
                                   std::string why = {});

    auth::Store& store_;
    const auth::Clock& clock_;
};

/// Whether this user is still to get this mail.
[[nodiscard]] bool is_wanted(const auth::QueuedMail& mail, const auth::User& user);

} // namespace gatehouse::gateway
