#include "gateway/http/field_lines.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/http/field_syntax.hpp"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool is_token_list(std::string_view list)
{
    bool good = true;
    for_each_element(list, [&](std::string_view element) {
        good = good && (element.empty() || is_token(element));
    });
    return good;
}

/// Connection options are tokens (RFC 9110, 7.6.1); who writes something else there may be read
/// as naming fields that we do not see.
bool has_bad_options(const Field& field)
{
    const bool lists_options = equal_ignoring_case(field.name, "connection") ||
                               equal_ignoring_case(field.name, "proxy-connection");
    return lists_options && !is_token_list(field.value);
}

/// The length tells nearly all other fields apart from these.
void note(const Field& field, MessageFacts& facts)
{
    const auto is = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    switch (field.name.size()) {
    case 4:
        if (is("host")) facts.host.add(field.value);
        break;
    case 6:
        if (is("expect")) facts.expect.add(field.value);
        break;
    case 7:
        if (is("upgrade")) facts.upgrade.add(field.value);
        break;
    case 10:
        if (is("connection")) facts.add_connection(field.value);
        break;
    case 14:
        if (is("content-length")) facts.content_length.add(field.value);
        break;
    case 17:
        if (is("transfer-encoding")) facts.transfer_encoding.add(field.value);
        break;
    default:
        break;
    }
}

} // namespace

std::optional<ParseError> read_field_lines(std::string_view received,
                                           std::span<const HeadLine> lines,
                                           std::vector<Field>& fields, MessageFacts& facts)
{
    fields.clear();
    for (const auto& line : lines) {
        const auto text = line.of(received);
        const auto name_size = token_prefix(text);
        const auto rest = text.substr(name_size);
        if (enforced("http.field_name") && (name_size == 0 || !rest.starts_with(':'))) {
            return ParseError::bad_field;
        }
        const auto value = rest.substr(std::min<std::size_t>(1, rest.size()));
        fields.push_back({text.substr(0, name_size), trimmed(value)});
        if (enforced("http.connection_options") && has_bad_options(fields.back())) {
            return ParseError::bad_field;
        }
        note(fields.back(), facts);
    }
    return {};
}

} // namespace gatehouse::gateway
