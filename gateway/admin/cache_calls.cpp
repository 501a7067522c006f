// What the gateway keeps of answers.
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/net/offload.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;

/// A member that nobody knows, or null, would be left out, and more forgotten than was meant.
Result<PurgeQuestion, Refusal> read_question(const auth::json::Value& body)
{
    PurgeQuestion question;
    const std::pair<std::string_view, std::optional<std::string>*> members[] = {
        {"route", &question.route},
        {"host",  &question.host },
        {"path",  &question.path }
    };
    std::size_t known = 0;
    for (const auto& [name, text] : members) {
        auto member = string_member(body, name);
        if (!member) return member.error();
        *text = *std::move(member);
        if (*text) ++known;
    }
    if (body.object()->size() == known) return question;
    return told(RefusalCode::bad_request,
                "The members are route, host and path, and each of them is a text");
}

/// For the audit.
std::string words_for(const PurgeQuestion& question, std::size_t purged)
{
    auto words = fmt::format("cache purge of {} answers", purged);
    if (question.route) words += ", route " + *question.route;
    if (question.host) words += ", host " + *question.host;
    if (question.path) words += ", path " + *question.path;
    return words;
}

} // namespace

Task<LocalResponse> AdminApi::purge_cache(const Asked& asked)
{
    const auto question = read_question(asked.body);
    if (!question) co_return refused(question.error());
    const auto runtime = process_.runtime();
    auto purge = CachePurge::read(*question, runtime->settings.routes);
    if (!purge) co_return bad_field(purge.error().member, purge.error().message);
    auto pending = offload(rooms_.store_pool,
                           [this, what = *std::move(purge)] { return process_.purge(what); });
    const auto purged = co_await std::move(pending);
    note(asked.request, words_for(*question, purged));
    co_return object_answer([&](Writer& json) { json.member("purged", number(purged)); });
}

} // namespace gatehouse::gateway
