// What this running gateway would do with a request: by its routes, keys and revocations of this
// moment.
#include "auth/json/writer.hpp"
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/api/api_request.hpp"
#include "gateway/api/openapi.hpp"
#include "gateway/net/tls/key_pair.hpp"
#include "gateway/pipeline/explained.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;

/// A line break would end the request line and begin a field that nobody means to explain.
bool is_one_line(std::string_view text) noexcept
{
    return std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<Question, Refusal> read_question(const auth::json::Value& body)
{
    Question question;
    Refusal bad(RefusalCode::invalid_fields);
    const std::pair<const char*, std::string*> members[] = {
        {"method", &question.method},
        {"target", &question.target},
        {"host",   &question.host  },
        {"token",  &question.token },
        {"peer",   &question.peer  }
    };
    for (const auto& [name, text] : members) {
        auto member = string_member(body, name);
        if (!member) return member.error();
        if (*member) *text = **std::move(member);
        if (!is_one_line(*text)) bad.fields.push_back({name, "has control characters in it"});
    }
    if (const auto* fields = body.find("fields")) {
        const auto* lines = fields->array();
        if (lines == nullptr) bad.fields.push_back({"fields", "is not a list"});
        for (std::size_t i = 0; lines != nullptr && i < lines->size(); ++i) {
            const auto* line = (*lines)[i].string();
            if (line == nullptr || !is_one_line(*line)) {
                bad.fields.push_back({"fields", "are texts without control characters"});
                break;
            }
            question.fields.push_back(*line);
        }
    }
    auto certificate = string_member(body, "certificate");
    if (!certificate) return certificate.error();
    if (*certificate) {
        const auto all = read_certificates(**certificate);
        if (all) question.certificate = describe_certificate(*all->front());
        if (!question.certificate)
            bad.fields.push_back({"certificate", "is no certificate (PEM is expected)"});
    }
    if (!is_address(question.peer)) bad.fields.push_back({"peer", "is not an address"});
    if (question.target.empty()) bad.fields.push_back({"target", "is missing, such as /orders/7"});
    if (bad.fields.empty()) return question;
    return bad;
}

std::string_view word_for(Explained::Outcome outcome) noexcept
{
    switch (outcome) {
    case Explained::Outcome::refused:
        return "refused";
    case Explained::Outcome::answered:
        return "answered";
    case Explained::Outcome::forwarded:
        break;
    }
    return "forwarded";
}

void write_client(Writer& json, const ExplainedClient& client)
{
    json.name("client");
    if (client.peer.empty()) return json.null();
    json.begin_object();
    json.member("peer", client.peer);
    json.name("trusted");
    json.boolean(client.trusted);
    json.member("address", client.address);
    json.member("scheme", client.scheme);
    json.member("reason", client.reason);
    json.end_object();
}

void write_refusal(Writer& json, const Explained& told)
{
    json.name("refusal");
    if (told.outcome != Explained::Outcome::refused) return json.null();
    const auto& refusal = told.refusal;
    json.begin_object();
    json.member("status", std::int64_t{status_of(refusal)});
    json.member("code", to_string(refusal.code));
    json.member("message", refusal.message.empty() ? default_message(refusal.code)
                                                   : std::string_view(refusal.message));
    json.member("allow", refusal.allow);
    json.end_object();
}

LocalResponse answer_of(const Explained& told, const config::Settings& settings)
{
    using Text = std::optional<std::string>;
    std::string body;
    Writer json(body);
    json.begin_object();
    json.member("outcome", word_for(told.outcome));
    json.member("reason", told.reason);
    write_text_or_null(json, "path", told.path.empty() ? Text() : Text(told.path));
    write_text_or_null(json, "route",
                       told.route ? Text(route_text(settings, *told.route)) : Text());
    write_texts(json, "limits", told.limits);
    write_client(json, told.client);
    write_text_or_null(json, "certificate",
                       told.certificate.empty() ? Text() : Text(told.certificate));
    write_refusal(json, told);
    write_text_or_null(json, "wouldRefuse",
                       told.would_refuse.empty() ? Text() : Text(told.would_refuse));
    write_text_or_null(json, "signIn", told.sign_in.empty() ? Text() : Text(told.sign_in));
    write_text_or_null(json, "to", told.to.empty() ? Text() : Text(told.to));
    write_texts(json, "head", told.head);
    json.end_object();
    return json_answer(200, std::move(body));
}

} // namespace

// The decision belongs to this worker, and nothing is waited for: it is made before anybody else's.
Task<LocalResponse> AdminApi::explain(const Asked& asked)
{
    const auto question = read_question(asked.body);
    if (!question) co_return refused(question.error());
    const auto runtime = process_.runtime();
    const auto* deciding = asked.request.deciding;
    // A reload is on its way, and this worker still decides by what was before it.
    if (&deciding->router != &runtime->router) co_return refused(Refusal(RefusalCode::overloaded));
    const auto told = gateway::explain(*question, *runtime, rooms_.clock.seconds(),
                                       [deciding] { return deciding; });
    if (!told) co_return refused(Refusal(RefusalCode::overloaded));
    co_return answer_of(*told, runtime->settings);
}

Task<LocalResponse> AdminApi::document(const Asked&)
{
    co_return json_answer(200, std::string(admin_openapi));
}

} // namespace gatehouse::gateway
