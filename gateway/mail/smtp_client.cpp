#include "gateway/mail/smtp_client.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/mail_forms.hpp"
#include "gateway/net/errand.hpp"

#include <algorithm>
#include <cstring>

namespace gatehouse::gateway {
namespace {

struct Reading {
    std::string_view rest;
};

size_t read_some(char* into, size_t size, size_t count, void* reading)
{
    auto& rest = static_cast<Reading*>(reading)->rest;
    const auto some = std::min(size * count, rest.size());
    std::memcpy(into, rest.data(), some);
    rest.remove_prefix(some);
    return some;
}

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// `smtp://host:port/name`, where the name is how we greet the server.
std::string url_of(const config::MailSettings& settings)
{
    const auto address = config::parse_smtp_address(settings.smtp);
    if (!address) return {};
    const bool v6 = address->host.find(':') != std::string::npos;
    return (address->tls ? "smtps://" : "smtp://") +
           (v6 ? "[" + address->host + "]" : address->host) + ":" + std::to_string(address->port) +
           "/" + settings.from.substr(settings.from.find('@') + 1);
}

SmtpAnswer::Failure failure_of(CURLcode result, unsigned status)
{
    if (result == CURLE_OK) return SmtpAnswer::Failure::none;
    if (result == CURLE_LOGIN_DENIED) return SmtpAnswer::Failure::login;
    const bool about_connection =
        result == CURLE_USE_SSL_FAILED || result == CURLE_PEER_FAILED_VERIFICATION ||
        result == CURLE_SSL_CONNECT_ERROR || result == CURLE_OPERATION_TIMEDOUT ||
        result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST ||
        result == CURLE_ABORTED_BY_CALLBACK;
    if (about_connection || status < 400) return SmtpAnswer::Failure::connection;
    return SmtpAnswer::Failure::answer;
}

} // namespace

bool needs_starttls(const config::MailSettings& settings)
{
    const auto address = config::parse_smtp_address(settings.smtp);
    if (!address || address->tls) return false;
    if (settings.starttls != config::StartTls::automatic)
        return settings.starttls == config::StartTls::required;
    return enforced("mail.starttls") && !config::is_loopback(address->host);
}

SmtpClient::SmtpClient() : errand_(std::make_unique<Errand>()) {}

SmtpClient::~SmtpClient() = default;

void SmtpClient::use(const config::MailSettings& settings)
{
    errand_->prepare({url_of(settings), "smtp,smtps", settings.ca_file, settings.timeout});
    errand_->set(CURLOPT_USE_SSL,
                 static_cast<long>(needs_starttls(settings) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (!settings.user.empty()) {
        errand_->set(CURLOPT_USERNAME, settings.user.c_str());
        errand_->set(CURLOPT_PASSWORD, std::string(settings.password.reveal()).c_str());
    }
    errand_->set(CURLOPT_READFUNCTION, &read_some);
    errand_->set(CURLOPT_UPLOAD, 1L);
}

SmtpAnswer SmtpClient::send(const std::string& from, const std::string& to, const std::string& mail,
                            const std::function<bool()>& give_up)
{
    SmtpAnswer answer;
    const std::unique_ptr<curl_slist, FreeList> receivers(
        curl_slist_append(nullptr, ("<" + to + ">").c_str()));
    if (!receivers) {
        answer.failure = SmtpAnswer::Failure::connection;
        answer.why = "no memory for a connection";
        return answer;
    }
    Reading reading{mail};
    errand_->set(CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
    errand_->set(CURLOPT_MAIL_RCPT, receivers.get());
    errand_->set(CURLOPT_READDATA, &reading);
    auto outcome = errand_->run(give_up);
    errand_->set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    answer.status = outcome.status;
    answer.failure = failure_of(outcome.code, answer.status);
    answer.why = std::move(outcome.why);
    return answer;
}

} // namespace gatehouse::gateway
