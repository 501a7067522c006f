#pragma once

#include "config/settings/mail.hpp"
#include "gateway/mail/smtp_answer.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::gateway {

class Errand;

/// The way to a mail server, for one thread. Certificates are verified, TLS is there where the
/// settings ask for it or nothing is sent, and no proxy of the environment is asked.
class SmtpClient {
public:
    SmtpClient();
    SmtpClient(const SmtpClient&) = delete;
    SmtpClient& operator=(const SmtpClient&) = delete;
    ~SmtpClient();

    void use(const config::MailSettings& settings);

    /// Hands one mail in. Addresses are judged before. `give_up` is asked several times a second.
    [[nodiscard]] SmtpAnswer send(const std::string& from, const std::string& to,
                                  const std::string& mail, const std::function<bool()>& give_up);

private:
    std::unique_ptr<Errand> errand_;
};

/// Whether a mail goes over TLS or not at all.
[[nodiscard]] bool needs_starttls(const config::MailSettings& settings);

} // namespace gatehouse::gateway
