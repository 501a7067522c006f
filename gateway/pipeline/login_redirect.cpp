#include "gateway/pipeline/login_redirect.hpp"

#include "config/basics/enforced.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/headers/weighted.hpp"
#include "gateway/portal/return_to.hpp"
#include "gateway/routing/escapes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::gateway {
namespace {

bool has_field(const RequestHead& head, std::string_view name) noexcept
{
    return std::ranges::any_of(
        head.fields, [&](const Field& field) { return equal_ignoring_case(field.name, name); });
}

bool accepts_html(const RequestHead& head)
{
    bool accepts = false;
    for_each_weighted(head.fields, "Accept", [&](std::string_view what, unsigned weight) {
        if (weight > 0 && equal_ignoring_case(what, "text/html")) accepts = true;
    });
    return accepts;
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c) || c == '/') {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

} // namespace

bool asks_to_sign_in(RefusalCode code) noexcept
{
    switch (code) {
    case RefusalCode::token_missing:
    case RefusalCode::token_expired:
    case RefusalCode::token_revoked:
    case RefusalCode::token_invalid:
    case RefusalCode::insufficient_user_authentication:
        return true;
    default:
        return false;
    }
}

bool wants_a_page(const RequestHead& head) noexcept
{
    if (enforced("login.method") && head.method != "GET" && head.method != "HEAD") return false;
    if (enforced("login.bearer") && has_field(head, "Authorization")) return false;
    const auto mode = only_value(head.fields, "Sec-Fetch-Mode");
    // Browsers that say what a request is for are believed; whoever asks for HTML is one that does
    // not say it.
    if (!mode.empty()) return equal_ignoring_case(mode, "navigate");
    return accepts_html(head);
}

std::string sign_in_location(const config::Settings& settings, std::string_view target,
                             RefusalCode code)
{
    auto location = settings.auth.prefix + "/portal/sign-in";
    char mark = '?';
    const auto add = [&](std::string_view parameter) {
        location += mark;
        location += parameter;
        mark = '&';
    };
    // A path alone: this origin's, whatever Host the request came with.
    if (may_return_to(target, {})) add("return_to=" + escaped(target));
    // Who is signed in, and not well enough, has to do it once more.
    if (code == RefusalCode::insufficient_user_authentication) add("again=1");
    return location;
}

} // namespace gatehouse::gateway
