#include "gateway/issuers/key_fetch.hpp"

#include "auth/jose/jwks.hpp"

#include <curl/curl.h>

#include <array>

namespace gatehouse::gateway {
namespace {

// How soon a transfer notices that it is to end.
constexpr int look_every_ms = 100;
constexpr std::size_t longest_body = auth::jose::longest_jwks_bytes;

/// Taking less than there is ends the transfer.
size_t keep(char* bytes, size_t, size_t count, void* body)
{
    auto& kept = *static_cast<std::string*>(body);
    if (count > longest_body - kept.size()) return 0;
    kept.append(bytes, count);
    return count;
}

std::optional<std::chrono::seconds> max_age_of(CURL* easy)
{
    curl_header* header = nullptr;
    if (curl_easy_header(easy, "Cache-Control", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return std::nullopt;
    }
    return max_age_in(header->value);
}

} // namespace

struct KeyFetch::Connection {
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

    void ask_for(const std::string& url, const Terms& terms, std::string& body)
    {
        curl_easy_reset(easy);
        error[0] = '\0';
        const auto set = [this](CURLoption option, auto value) {
            curl_easy_setopt(easy, option, value);
        };
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION);
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_QUICK_EXIT, 1L); // a name that is still being looked up holds nobody up
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(terms.timeout.count()));
        set(CURLOPT_ERRORBUFFER, error.data());
        set(CURLOPT_WRITEFUNCTION, &keep);
        set(CURLOPT_WRITEDATA, &body);
        if (!terms.ca.empty()) set(CURLOPT_CAINFO, terms.ca.c_str());
    }

    CURLM* multi = nullptr;
    CURL* easy = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};
};

KeyFetch::KeyFetch() : connection_(std::make_unique<Connection>()) {}

KeyFetch::~KeyFetch() = default;

FetchAnswer KeyFetch::get(const std::string& url, const Terms& terms,
                          const std::function<bool()>& give_up)
{
    FetchAnswer answer;
    auto* const multi = connection_->multi;
    auto* const easy = connection_->easy;
    if (multi == nullptr || easy == nullptr) {
        answer.why = "no memory for a connection";
        return answer;
    }
    connection_->ask_for(url, terms, answer.body);
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
    curl_multi_remove_handle(multi, easy);
    if (result != CURLE_OK) {
        const auto& error = connection_->error;
        answer.why = result == CURLE_WRITE_ERROR ? "the answer is too long"
                     : error[0] != '\0'          ? error.data()
                                                 : curl_easy_strerror(result);
        return answer;
    }
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<unsigned>(status);
    answer.max_age = max_age_of(easy);
    return answer;
}

} // namespace gatehouse::gateway
