#include "gateway/headers/certificate_fields.hpp"

#include "config/basics/enforced.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {
namespace {

void write_text(HeadWriter& out, const std::string& name, const std::string& text)
{
    if (!name.empty() && !text.empty()) out.field(name, text);
}

void write_list(HeadWriter& out, const std::string& name, const std::vector<std::string>& list)
{
    if (name.empty() || list.empty()) return;
    const auto could_be_two = [](std::string_view text) {
        return text.find_first_of(", ") != text.npos;
    };
    if (enforced("headers.certificate_lists") && std::ranges::any_of(list, could_be_two)) return;
    out.put(name);
    out.put(": ");
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out.put(',');
        out.put(list[i]);
    }
    out.put("\r\n");
}

} // namespace

void write_certificate_fields(HeadWriter& out, const ShownCertificate& shown)
{
    if (shown.told_in == nullptr) return;
    const auto& names = *shown.told_in;
    write_text(out, names.subject, shown.is.subject);
    write_text(out, names.issuer, shown.is.issuer);
    write_text(out, names.fingerprint, shown.is.fingerprint);
    write_text(out, names.serial, shown.is.serial);
    write_list(out, names.dns, shown.is.dns);
    write_list(out, names.uri, shown.is.uri);
    write_list(out, names.email, shown.is.email);
}

} // namespace gatehouse::gateway
