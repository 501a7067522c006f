#include "gateway/headers/field_template.hpp"

#include "auth/tokens/told_claims.hpp"
#include "config/basics/enforced.hpp"
#include "gateway/routing/host.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

using config::TemplatePart;
using config::Variable;
using Text = std::optional<std::string_view>;

/// A reader gets exactly this text, and nothing of the head is broken by it.
bool travels(std::string_view text) noexcept
{
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

Text claim_text(std::string_view path, const auth::Principal* principal) noexcept
{
    if (principal == nullptr || !principal->told) return std::nullopt;
    const auto* claim = principal->told->find(path);
    if (claim == nullptr || claim->values.size() != 1) return std::nullopt;
    const std::string_view value = claim->values.front();
    if (value.empty() || value.front() == ' ' || value.back() == ' ') return std::nullopt;
    return value;
}

/// Empty where nobody is known.
std::string_view word_of(const std::string auth::Principal::* member,
                         const auth::Principal* principal) noexcept
{
    return principal == nullptr ? std::string_view{} : std::string_view(principal->*member);
}

std::string_view route_name(const config::RouteSettings& route) noexcept
{
    return route.name.empty() ? route.match : route.name;
}

/// Empty: there is none.
std::string_view variable_text(Variable variable, const TemplateFacts& facts) noexcept
{
    switch (variable) {
    case Variable::user_id:
        return word_of(&auth::Principal::user_id, facts.admission.principal);
    case Variable::session_id:
        return word_of(&auth::Principal::session_id, facts.admission.principal);
    case Variable::request_id:
        return facts.request_id;
    case Variable::client_address:
        return client_of(facts.head, facts.peer, facts.clients).address;
    case Variable::method:
        return facts.head.method;
    case Variable::scheme:
        return client_of(facts.head, facts.peer, facts.clients).secure ? "https" : "http";
    case Variable::host:
        return host_name(facts.head.host);
    case Variable::path:
        return facts.admission.path;
    case Variable::query:
        return facts.admission.query.substr(facts.admission.query.empty() ? 0 : 1);
    case Variable::route:
        return route_name(*facts.admission.route->settings);
    case Variable::certificate_subject:
    case Variable::certificate_issuer:
    case Variable::certificate_fingerprint:
    case Variable::certificate_serial:
    case Variable::certificate_dns:
    case Variable::certificate_uri:
    case Variable::certificate_email:
        return certificate_text(variable, facts.certificate);
    }
    return {};
}

} // namespace

Text text_for(const TemplatePart& part, const TemplateFacts& facts) noexcept
{
    Text text;
    switch (part.kind) {
    case TemplatePart::Kind::literal:
        return part.text;
    case TemplatePart::Kind::variable:
        text = variable_text(part.variable, facts);
        break;
    case TemplatePart::Kind::claim:
        text = claim_text(part.text, facts.admission.principal);
        break;
    case TemplatePart::Kind::capture: // of paths alone
        break;
    }
    // Without a query a text around it is still true; of all else nothing is half said.
    const bool may_be_empty =
        part.kind == TemplatePart::Kind::variable && part.variable == Variable::query;
    if (text && text->empty() && !may_be_empty) return std::nullopt;
    if (enforced("headers.template_text") && text && !travels(*text)) return std::nullopt;
    return text;
}

bool write_templated_field(HeadWriter& out, std::string_view name,
                           const config::TextTemplate& value, const TemplateFacts& facts) noexcept
{
    bool says_something = false;
    for (const auto& part : value.parts) {
        const auto text = text_for(part, facts);
        if (!text) return false;
        says_something = says_something || !text->empty();
    }
    if (!says_something) return false;
    out.put(name);
    out.put(": ");
    for (const auto& part : value.parts) out.put(*text_for(part, facts));
    out.put("\r\n");
    return true;
}

} // namespace gatehouse::gateway
