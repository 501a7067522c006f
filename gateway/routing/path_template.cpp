#include "gateway/routing/path_template.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/routing/escapes.hpp"
#include "gateway/routing/path.hpp"

#include <utility>

namespace gatehouse::gateway {

using config::SegmentKind;
using config::TemplatePart;

Captures captures_of(const config::PathPattern& pattern, std::string_view path) noexcept
{
    Captures found;
    std::size_t count = 0;
    auto rest = path.substr(1);
    for (const auto& segment : pattern.segments) {
        if (segment.kind == SegmentKind::rest) {
            found.rest = rest;
            break;
        }
        const auto text = take_segment(rest);
        if (segment.kind == SegmentKind::one && count < found.one.size()) found.one[count++] = text;
    }
    return found;
}

PathTemplate::PathTemplate(std::string_view match, config::TextTemplate text)
    : text_(std::move(text))
{
    if (auto pattern = config::parse_path_pattern(match)) pattern_ = *std::move(pattern);
}

bool PathTemplate::expand(std::string_view path, bool params, std::string& out) const
{
    const auto captures = captures_of(pattern_, path);
    out.clear();
    for (const auto& part : text_.parts) {
        std::string_view text = part.text;
        if (part.kind == TemplatePart::Kind::variable) text = path;
        if (part.kind == TemplatePart::Kind::capture) {
            text = part.capture == config::rest_capture ? captures.rest
                                                        : captures.one[part.capture - 1];
        }
        // Where the rest is nothing its place is, too.
        if (out.ends_with('/') && text.starts_with('/')) text.remove_prefix(1);
        out += text;
    }
    if (out.empty()) out = "/";
    if (!enforced("rewrite.judged_again")) return true;
    std::string scratch;
    const auto judged = normalise_path(out, scratch);
    return judged && judged->text == out && (params || !judged->has_params);
}

} // namespace gatehouse::gateway
