#include "gateway/api/form_body.hpp"

#include "config/basics/enforced.hpp"
#include "config/basics/utf8.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/routing/escapes.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::gateway {
namespace {

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Forms are ASCII without white space: everything else travels as an escape.
bool may_stand_as_it_is(char c) noexcept
{
    return c > ' ' && c < '\x7f';
}

Result<std::string, FormError> decoded(std::string_view text)
{
    std::string plain;
    plain.reserve(text.size());
    while (!text.empty()) {
        const char c = text.front();
        if (enforced("form.escapes") && c == '%' && !escaped_byte(text, 0)) {
            return FormError::bad_escape;
        }
        if (enforced("form.bytes") && !may_stand_as_it_is(c)) return FormError::bad_byte;
        if (c == '+') {
            plain += ' ';
            text.remove_prefix(1);
        } else {
            plain += take_decoded(text);
        }
    }
    if (enforced("form.utf8") && !is_utf8(plain)) return FormError::bad_utf8;
    return plain;
}

Result<FormParameter, FormError> parameter_of(std::string_view pair)
{
    const auto equals = pair.find('=');
    if (enforced("form.pairs") && (equals == pair.npos || equals == 0)) {
        return FormError::not_a_pair;
    }
    auto name = decoded(pair.substr(0, equals));
    if (!name) return name.error();
    auto value = decoded(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    if (!value) return value.error();
    return FormParameter{std::move(*name), std::move(*value)};
}

} // namespace

const std::string* Form::find(std::string_view name) const noexcept
{
    const auto found = std::ranges::find(parameters, name, &FormParameter::name);
    return found == parameters.end() ? nullptr : &found->value;
}

bool is_form_type(std::string_view content_type) noexcept
{
    return equal_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                               "application/x-www-form-urlencoded");
}

Result<Form, FormError> read_form(std::string_view body)
{
    Form form;
    bool more = !body.empty();
    while (more) {
        const auto end = body.find('&');
        more = end != body.npos; // and what follows has to be a pair too
        auto parameter = parameter_of(body.substr(0, end));
        if (!parameter) return parameter.error();
        // Which of two values counts is what servers disagree about.
        if (enforced("form.duplicate") && form.find(parameter->name) != nullptr) {
            return FormError::duplicate;
        }
        if (enforced("form.too_many") && form.parameters.size() == most_form_parameters) {
            return FormError::too_many;
        }
        form.parameters.push_back(std::move(*parameter));
        if (more) body.remove_prefix(end + 1);
    }
    return form;
}

std::string_view to_string(FormError error) noexcept
{
    switch (error) {
    case FormError::not_a_pair:
        return "not name=value";
    case FormError::bad_escape:
        return "bad escape";
    case FormError::bad_byte:
        return "unescaped byte";
    case FormError::bad_utf8:
        return "bad UTF-8";
    case FormError::duplicate:
        return "duplicate parameter";
    case FormError::too_many:
        return "too many parameters";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, FormError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::gateway
