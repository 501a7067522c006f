#include "gateway/net/errand.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

// How soon a transfer notices that it is to end.
constexpr int look_every_ms = 100;

} // namespace

Errand::Errand()
{
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) return;
    multi_ = curl_multi_init();
    easy_ = curl_easy_init();
}

Errand::~Errand()
{
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
}

void Errand::prepare(const Terms& terms)
{
    answer_ = {};
    if (easy_ == nullptr) return;
    curl_easy_reset(easy_);
    set(CURLOPT_URL, terms.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, terms.protocols.c_str());
    set(CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!terms.ca.empty()) {
        set(CURLOPT_CAINFO, terms.ca.c_str());
        set(CURLOPT_CAPATH, static_cast<const char*>(nullptr)); // else the system's count as well
    }
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // a name that is still being looked up holds nobody up
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(terms.timeout.count()));
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &take);
    set(CURLOPT_WRITEDATA, &answer_);
}

void Errand::keep_answer(std::string& body, std::size_t most, Rest rest) noexcept
{
    answer_ = {&body, most, rest};
}

/// Taking less than there is ends the transfer.
std::size_t Errand::take(char* bytes, std::size_t /*size: 1*/, std::size_t count,
                         void* answer) noexcept
{
    const auto& [body, most, rest] = *static_cast<Answer*>(answer);
    const auto room = body == nullptr ? 0 : most - std::min(most, body->size());
    if (count > room && rest == Rest::ends_it) return 0;
    if (room > 0) body->append(bytes, std::min(count, room));
    return count;
}

Errand::Outcome Errand::run(const std::function<bool()>& give_up)
{
    Outcome outcome;
    if (multi_ == nullptr || easy_ == nullptr) {
        outcome.why = "no memory for a connection";
        return outcome;
    }
    error_[0] = '\0';
    if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) {
        outcome.why = "no connection could be begun";
        return outcome;
    }
    int running = 1;
    while (!give_up()) {
        if (curl_multi_perform(multi_, &running) != CURLM_OK || running == 0) break;
        curl_multi_poll(multi_, nullptr, 0, look_every_ms, nullptr);
    }
    int left = 0;
    while (const auto* done = curl_multi_info_read(multi_, &left)) {
        if (done->msg == CURLMSG_DONE) outcome.code = done->data.result;
    }
    outcome.status = static_cast<unsigned>(told(CURLINFO_RESPONSE_CODE, 0L));
    curl_multi_remove_handle(multi_, easy_);
    if (outcome.code != CURLE_OK) {
        outcome.why = outcome.code == CURLE_WRITE_ERROR ? "the answer is too long"
                      : error_[0] != '\0'               ? error_.data()
                                                        : curl_easy_strerror(outcome.code);
    }
    return outcome;
}

const char* Errand::field(const char* name) const noexcept
{
    curl_header* header = nullptr;
    if (easy_ == nullptr) return nullptr;
    const auto found = curl_easy_header(easy_, name, 0, CURLH_HEADER, -1, &header);
    return found == CURLHE_OK ? header->value : nullptr;
}

} // namespace gatehouse::gateway
