#include "gateway/pipeline/certificate_rule.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {
namespace {

using Texts = std::vector<std::string>;

bool is_same(std::string_view left, std::string_view right) noexcept
{
    return left == right;
}

/// Hexadecimal digits, with colons or without.
bool is_same_number(std::string_view wanted, std::string_view shown) noexcept
{
    std::size_t at = 0;
    for (const char c : wanted) {
        if (c == ':') continue;
        if (at == shown.size() || lower(c) != lower(shown[at++])) return false;
    }
    return at == shown.size();
}

/// What a certificate does not say is nothing that anybody could have meant.
template <class Same>
bool fits(const Texts& wanted, const std::string& shown, Same same)
{
    if (wanted.empty()) return true;
    return !shown.empty() &&
           std::ranges::any_of(wanted, [&](const auto& one) { return same(one, shown); });
}

template <class Same>
bool fits(const Texts& wanted, const Texts& shown, Same same)
{
    return wanted.empty() ||
           std::ranges::any_of(shown, [&](const auto& one) { return fits(wanted, one, same); });
}

/// Which key of the rule does not fit; null: all do.
const char* misfit(const config::CertificateRule& rule, const ClientCertificate& shown)
{
    if (!fits(rule.subject, shown.subject, is_same)) return "subject";
    if (!fits(rule.issuer, shown.issuer, is_same)) return "issuer";
    if (!fits(rule.fingerprint, shown.fingerprint, is_same_number)) return "fingerprint";
    if (!fits(rule.serial, shown.serial, is_same_number)) return "serial";
    if (!fits(rule.dns, shown.dns, equal_ignoring_case)) return "dns";
    if (!fits(rule.uri, shown.uri, is_same)) return "uri";
    return fits(rule.email, shown.email, is_same) ? nullptr : "email";
}

} // namespace

std::optional<Refusal> refusal_for(const config::RouteSettings& route,
                                   const ClientCertificate* shown)
{
    if (!route.certificate || !enforced("decision.certificate")) return std::nullopt;
    if (shown == nullptr) {
        return told(RefusalCode::forbidden, "A client certificate is required",
                    "no client certificate");
    }
    const auto* what = misfit(*route.certificate, *shown);
    if (what == nullptr) return std::nullopt;
    return Refusal{RefusalCode::forbidden, std::string("not the certificate's ") + what};
}

} // namespace gatehouse::gateway
