#include "gateway/trace/collector.hpp"

#include "gateway/net/errand.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

// More than any answer to a message that was taken; what is behind it is not kept.
constexpr std::size_t longest_answer = 16384;

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
    Errand errand;
    List headers;
};

Collector::Collector() : connection_(std::make_unique<Connection>()) {}

Collector::~Collector() = default;

void Collector::use(const config::TracingSettings& settings)
{
    auto& [errand, headers] = *connection_;
    errand.prepare(
        {traces_url(settings.endpoint), "http,https", settings.ca_file, settings.timeout});
    headers = list_of(settings.headers.reveal());
    errand.set(CURLOPT_HTTPHEADER, headers.get());
}

CollectorAnswer Collector::post(const std::string& message, const std::function<bool()>& give_up)
{
    CollectorAnswer answer;
    auto& [errand, headers] = *connection_;
    if (!headers) {
        answer.why = "no memory for a connection";
        return answer;
    }
    errand.keep_answer(answer.body, longest_answer, Errand::Rest::is_left_out);
    errand.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.size()));
    errand.set(CURLOPT_POSTFIELDS, message.data());
    auto outcome = errand.run(give_up);
    answer.why = std::move(outcome.why);
    if (outcome.code != CURLE_OK) return answer;
    answer.status = outcome.status;
    answer.retry_after = std::chrono::seconds(errand.told(CURLINFO_RETRY_AFTER, curl_off_t{0}));
    return answer;
}

} // namespace gatehouse::gateway
