#include "gateway/trace/collector.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::gateway {
namespace {

// How soon a transfer notices that it is to end.
constexpr int look_every_ms = 100;

// More than any answer to a message that was taken; what is behind it is not read.
constexpr std::size_t longest_answer = 16384;

size_t keep(char* bytes, size_t, size_t count, void* body)
{
    auto& kept = *static_cast<std::string*>(body);
    kept.append(bytes, std::min(count, longest_answer - std::min(longest_answer, kept.size())));
    return count;
}

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using List = std::unique_ptr<curl_slist, FreeList>;

/// Of a list that could not grow, nothing is sent; the next message tries again.
List list_of(std::string_view lines)
{
    // No `Expect: 100-continue`: that costs a wait where nobody answers it.
    List list(curl_slist_append(nullptr, "Content-Type: application/json"));
    list.reset(curl_slist_append(list.release(), "Expect:"));
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const std::string line(lines.substr(0, end));
        list.reset(curl_slist_append(list.release(), line.c_str()));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return list;
}

} // namespace

std::string traces_url(std::string_view endpoint)
{
    const auto authority = endpoint.find("://") + 3;
    const auto path = endpoint.find('/', authority);
    std::string url(endpoint);
    if (path == endpoint.npos) return url + "/v1/traces";
    if (path + 1 == endpoint.size()) return url + "v1/traces";
    return url;
}

struct Collector::Connection {
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
    List headers;
    std::array<char, CURL_ERROR_SIZE> error{};
};

Collector::Collector() : connection_(std::make_unique<Connection>()) {}

Collector::~Collector() = default;

void Collector::use(const config::TracingSettings& settings)
{
    auto& connection = *connection_;
    auto* easy = connection.easy;
    if (easy == nullptr) return;
    curl_easy_reset(easy);
    connection.headers = list_of(settings.headers.reveal());
    const auto set = [easy](CURLoption option, auto value) {
        curl_easy_setopt(easy, option, value);
    };
    set(CURLOPT_URL, traces_url(settings.endpoint).c_str());
    set(CURLOPT_HTTPHEADER, connection.headers.get());
    set(CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // a name that is still being looked up holds nobody up
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.timeout.count()));
    set(CURLOPT_ERRORBUFFER, connection.error.data());
    set(CURLOPT_WRITEFUNCTION, &keep);
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
}

CollectorAnswer Collector::post(const std::string& message, const std::function<bool()>& give_up)
{
    CollectorAnswer answer;
    auto& [multi, easy, headers, error] = *connection_;
    if (multi == nullptr || easy == nullptr || !headers) {
        answer.why = "no memory for a connection";
        return answer;
    }
    error[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message.data());
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
        answer.why = error[0] != '\0' ? error.data() : curl_easy_strerror(result);
        return answer;
    }
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    answer.status = static_cast<unsigned>(status);
    answer.retry_after = std::chrono::seconds(retry_after);
    return answer;
}

} // namespace gatehouse::gateway
