// Texts in which braces name parts of a request.
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"
#include "config/templates/text_template.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

Checked as_problem(const PatternProblem& problem)
{
    return Problem{problem.message, problem.hint};
}

Checked check_header_value(std::string_view text)
{
    const auto parsed = parse_template(text);
    if (!parsed) return as_problem(parsed.error());
    const auto& parts = parsed->parts;
    const bool captures = std::ranges::any_of(
        parts, [](const TemplatePart& part) { return part.kind == TemplatePart::Kind::capture; });
    if (captures)
        return wrong(text, "names what a star matched, which headers do not carry",
                     "write {path} for the whole path");
    const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
    if (!printable)
        return Problem{"a header's value is printable ASCII on one line",
                       "encode what is not, for example with percent signs"};
    if (!text.empty() && text.front() != ' ' && text.back() != ' ') return {};
    return wrong(text, "is no value for a header",
                 "write a text without blanks around it; to take a header away use `remove`");
}

Checked check_rewrite(std::string_view text)
{
    const auto parsed = parse_path_template(text);
    if (parsed) return {};
    return as_problem(parsed.error());
}

Checked check_redirect(std::string_view text)
{
    const auto parsed = parse_redirect(text);
    if (parsed) return {};
    return as_problem(parsed.error());
}

} // namespace

namespace forms {
const Form header_value{"text with names such as `{user.id}`", check_header_value};
const Form path_template{"path, with `{path}`, `{1}` .. and `{rest}`", check_rewrite};
const Form redirect_target{"path or URL, with `{path}`, `{1}` .., `{rest}`, `{host}`, `?{query}`",
                           check_redirect};
} // namespace forms

} // namespace gatehouse::config
