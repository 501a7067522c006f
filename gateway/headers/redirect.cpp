#include "gateway/headers/redirect.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/routing/host.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

using config::TemplatePart;

bool is_host_text(std::string_view host) noexcept
{
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '[' || c == ']' ||
               c == ':';
    });
}

/// A query as it may stand in a Location: what is not printable ASCII, as escapes.
void append_query(std::string& out, std::string_view query)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : query) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte > 0x20 && byte < 0x7f && c != '#' && c != '\\';
        if (plain || !enforced("redirect.query_text")) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xfU];
        }
    }
}

} // namespace

Redirect::Redirect(const config::RouteSettings& route)
    : status_(config::number_of(route.redirect->status))
{
    auto target = config::parse_redirect(route.redirect->to);
    if (!target) return; // reading the settings has refused it
    target_ = *std::move(target);
    if (!target_.path.parts.empty()) path_.emplace(route.match, target_.path);
}

std::optional<std::string> Redirect::location(const RedirectFacts& facts) const
{
    std::string out;
    for (const auto& part : target_.origin.parts) {
        if (part.kind == TemplatePart::Kind::literal) {
            out += part.text;
            continue;
        }
        const auto host = host_name(facts.host);
        if (enforced("redirect.host_text") && !is_host_text(host)) return std::nullopt;
        out += host;
    }
    std::string path = "/";
    if (path_ && !path_->expand(facts.path, facts.params, path)) return std::nullopt;
    out += path;
    if (!target_.has_query) return out;
    const auto query = facts.query.substr(facts.query.empty() ? 0 : 1);
    const auto before = out.size();
    out += '?';
    for (const auto& part : target_.query.parts) {
        append_query(out, part.kind == TemplatePart::Kind::literal ? part.text : query);
    }
    if (out.size() == before + 1) out.pop_back(); // there was none to pass on
    return out;
}

} // namespace gatehouse::gateway
