#include "gateway/headers/certificate_fields.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::gateway {
namespace {

std::string list_text(const std::vector<std::string>& list)
{
    const auto could_be_two = [](std::string_view text) {
        return text.find_first_of(", ") != text.npos;
    };
    if (enforced("headers.certificate_lists") && std::ranges::any_of(list, could_be_two)) return {};
    std::string text;
    for (const auto& name : list) text.append(text.empty() ? "" : ",").append(name);
    return text;
}

void write_text(HeadWriter& out, const std::string& name, const std::string& text)
{
    if (!name.empty() && !text.empty()) out.field(name, text);
}

} // namespace

ShownCertificate::ShownCertificate(ClientCertificate certificate,
                                   const config::CertificateHeaders* headers)
    : is(std::move(certificate)),
      told_in(headers),
      dns(list_text(is.dns)),
      uri(list_text(is.uri)),
      email(list_text(is.email))
{
}

std::string_view certificate_text(config::Variable variable, const ShownCertificate* shown) noexcept
{
    using enum config::Variable;
    if (shown == nullptr || shown->told_in == nullptr) return {};
    switch (variable) {
    case certificate_subject:
        return shown->is.subject;
    case certificate_issuer:
        return shown->is.issuer;
    case certificate_fingerprint:
        return shown->is.fingerprint;
    case certificate_serial:
        return shown->is.serial;
    case certificate_dns:
        return shown->dns;
    case certificate_uri:
        return shown->uri;
    case certificate_email:
        return shown->email;
    default:
        return {};
    }
}

void write_certificate_fields(HeadWriter& out, const ShownCertificate& shown)
{
    if (shown.told_in == nullptr) return;
    const auto& names = *shown.told_in;
    write_text(out, names.subject, shown.is.subject);
    write_text(out, names.issuer, shown.is.issuer);
    write_text(out, names.fingerprint, shown.is.fingerprint);
    write_text(out, names.serial, shown.is.serial);
    write_text(out, names.dns, shown.dns);
    write_text(out, names.uri, shown.uri);
    write_text(out, names.email, shown.email);
}

} // namespace gatehouse::gateway
