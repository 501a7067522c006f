// What others write about keeping answers: Cache-Control, Vary, Age, dates, quotas, ETags.
#include "gateway/budget/quota_news.hpp"
#include "gateway/budget/quota_window.hpp"
#include "gateway/cache/cacheable.hpp"
#include "gateway/cache/conditions.hpp"
#include "gateway/headers/http_date.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::gateway;

namespace {

constexpr auth::Seconds now{std::chrono::seconds{1'784'894'400}};

/// `name: value` by lines, as a strict parser would have let them through.
std::vector<Field> fields_of(std::string_view text)
{
    std::vector<Field> fields;
    while (!text.empty() && fields.size() < 100) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) continue;
        fields.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
    return fields;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    static const HeaderPolicy policy{config::Settings{}};
    const auto fields = fields_of(text);

    ResponseHead answer;
    answer.status = 200;
    answer.fields = fields;
    const auto told = cache_directives(fields);
    const config::RouteCacheSettings settings;
    if (const auto freshness = freshness_of(answer, told, settings, now, now)) {
        must(freshness->lifetime.count() >= 0 && freshness->lifetime <= longest_delta,
             "a lifetime has bounds");
        must(freshness->age(now).count() >= 0, "an age is not negative");
        must(freshness->age(now + longest_delta) <= longest_delta, "an age has a bound");
    }
    if (const auto variation = variation_of(fields, fields, policy)) {
        must(variation->fits(fields), "what was chosen by fits");
        must(variation->bytes() < 16 * (std::size_t{8192} + text.size()), "it has a bound");
    }
    AskedFacts facts;
    facts.path = text;
    const KeyedRequest asked("GET / HTTP/1.1\r\n" + text, facts, policy);
    const auto terms = judge_answer(answer, asked, policy, settings, now, now);
    const bool closed = told.is_private || told.no_store;
    must(!closed || terms.whom == KeptFor::nobody, "private and no-store are kept for nobody");
    must(terms.whom != KeptFor::all || told.is_public, "what is for all says public");

    (void)has_it_already(fields, "\"a\"", "Fri, 24 Jul 2026 12:00:00 GMT");
    const auto news = quota_news(429, fields, now);
    must(news.closed <= std::chrono::seconds{86'400}, "nobody is shut out for longer than a day");
    (void)parse_http_date(text);
    QuotaWindow window;
    if (window.read(text)) {
        QuotaWindow again;
        must(again.read(window.text()), "what is written can be read");
        must(again.text() == window.text(), "and is the same");
        (void)window.used(std::chrono::hours{1});
        (void)window.next_change(std::chrono::hours{1});
    }
    return 0;
}
