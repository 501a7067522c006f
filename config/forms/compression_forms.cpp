// What routes with `compression` name.
#include "config/forms/checked.hpp"
#include "config/forms/forms.hpp"

#include <algorithm>

namespace gatehouse::config {
namespace {

Checked check_content_coding(std::string_view text)
{
    if (text == "zstd" || text == "br" || text == "gzip") return {};
    return wrong(text, "is no encoding we know", "write zstd, br or gzip");
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '-' || c == '+';
    }) && std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// `type/subtype`, `type/*` or `type/*+suffix`, in lower case.
Checked check_media_range(std::string_view text)
{
    const auto slash = text.find('/');
    const auto type = text.substr(0, slash);
    auto subtype = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    if (subtype == "*") subtype = "any";
    if (subtype.starts_with("*+")) subtype.remove_prefix(2);
    if (text == "text/event-stream")
        return wrong(text, "is never compressed: each event is sent when it comes", "remove it");
    if (is_name(type) && is_name(subtype)) return {};
    return wrong(text, "is no media type",
                 "write it in lower case, for example text/html, text/* or application/*+json");
}

} // namespace

namespace forms {
const Form content_coding{"`zstd`, `br`, `gzip`", check_content_coding};
const Form media_range{"media types", check_media_range};
} // namespace forms

} // namespace gatehouse::config
