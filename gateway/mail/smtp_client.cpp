#include "gateway/mail/smtp_client.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "config/forms/mail_forms.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::gateway {
namespace {

// How soon a transfer notices that it is to end.
constexpr int look_every_ms = 100;

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

size_t ignore(char*, size_t, size_t count, void*)
{
    return count;
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

SmtpAnswer::Failure failure_of(CURLcode result, long status)
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

struct SmtpClient::Connection {
    Connection()
    {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (ready != CURLE_OK) return;
        multi = curl_multi_init();
        easy = curl_easy_init();
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection()
    {
        curl_easy_cleanup(easy);
        curl_multi_cleanup(multi);
    }

    CURLM* multi = nullptr;
    CURL* easy = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};
};

SmtpClient::SmtpClient() : connection_(std::make_unique<Connection>()) {}

SmtpClient::~SmtpClient() = default;

void SmtpClient::use(const config::MailSettings& settings)
{
    auto* easy = connection_->easy;
    if (easy == nullptr) return;
    curl_easy_reset(easy);
    const auto set = [easy](CURLoption option, auto value) {
        curl_easy_setopt(easy, option, value);
    };
    set(CURLOPT_URL, url_of(settings).c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_USE_SSL,
        static_cast<long>(needs_starttls(settings) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (!settings.user.empty()) {
        set(CURLOPT_USERNAME, settings.user.c_str());
        set(CURLOPT_PASSWORD, std::string(settings.password.reveal()).c_str());
    }
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // a name that is still being looked up holds nobody up
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout.count()));
    set(CURLOPT_ERRORBUFFER, connection_->error.data());
    set(CURLOPT_WRITEFUNCTION, &ignore);
    set(CURLOPT_READFUNCTION, &read_some);
    set(CURLOPT_UPLOAD, 1L);
}

SmtpAnswer SmtpClient::send(const std::string& from, const std::string& to, const std::string& mail,
                            const std::function<bool()>& give_up)
{
    SmtpAnswer answer;
    answer.failure = SmtpAnswer::Failure::connection;
    auto& [multi, easy, error] = *connection_;
    const std::unique_ptr<curl_slist, FreeList> receivers(
        curl_slist_append(nullptr, ("<" + to + ">").c_str()));
    if (multi == nullptr || easy == nullptr || !receivers) {
        answer.why = "no memory for a connection";
        return answer;
    }
    error[0] = '\0';
    Reading reading{mail};
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, receivers.get());
    curl_easy_setopt(easy, CURLOPT_READDATA, &reading);
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
        answer.why = "no connection could be begun";
        return answer;
    }
    int running = 1;
    auto result = CURLE_ABORTED_BY_CALLBACK;
    while (!give_up()) {
        if (curl_multi_perform(multi, &running) != CURLM_OK || running == 0) break;
        curl_multi_poll(multi, nullptr, 0, look_every_ms, nullptr);
    }
    int left = 0;
    while (const auto* done = curl_multi_info_read(multi, &left)) {
        if (done->msg == CURLMSG_DONE) result = done->data.result;
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, easy);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, nullptr);
    answer.status = static_cast<unsigned>(status);
    answer.failure = failure_of(result, status);
    if (result != CURLE_OK)
        answer.why = error[0] != '\0' ? error.data() : curl_easy_strerror(result);
    return answer;
}

} // namespace gatehouse::gateway
