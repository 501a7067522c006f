#include "gateway/pipeline/serve_endpoint.hpp"

#include "gateway/headers/client.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/pipeline/credential.hpp"

#include <fmt/format.h>

namespace gatehouse::gateway {
namespace {

[[nodiscard]] Client client_behind(const Exchange& exchange)
{
    return client_of(exchange.request, exchange.client.peer(),
                     exchange.generation->runtime->clients);
}

/// "" where the request has nothing of the kind.
[[nodiscard]] std::string_view told_apart_by(const Exchange& exchange, const Spreading& spreading)
{
    const auto* const principal = exchange.admission.principal;
    switch (spreading.hash_on) {
    case HashOn::user:
        return principal == nullptr ? std::string_view{} : principal->user_id;
    case HashOn::session:
        if (principal == nullptr) return {};
        // Without a session here each of them is alike in being who they are.
        return principal->issuer == 0 ? principal->session_id : principal->user_id;
    case HashOn::address:
        return client_behind(exchange).address;
    case HashOn::header:
        return only_value(exchange.request.fields, spreading.header);
    }
    return {};
}

} // namespace

void tell_by_what(const Exchange& exchange, const UpstreamGroup& group, EndpointWish& wish)
{
    const auto& spreading = group.spreading();
    if (group.wants_key()) {
        const auto text = told_apart_by(exchange, spreading);
        if (!text.empty()) wish.key = hash_of(text);
    }
    if (spreading.sticky_cookie) {
        const auto& name = spreading.sticky_cookie->name;
        if (const auto mark = token_in_cookie(exchange.request.fields, name)) wish.cookie = *mark;
    }
}

void leave_sticky_cookie(Exchange& exchange, const UpstreamGroup& group, const EndpointWish& wish,
                         const EndpointPool& pool)
{
    const auto& cookie = *group.spreading().sticky_cookie;
    const auto mark = group.mark_of(pool);
    if (mark.empty() || mark == wish.cookie) return;
    auto text = fmt::format("{}={}; HttpOnly; SameSite=Lax; Path=/", cookie.name, mark);
    if (client_behind(exchange).secure) text += "; Secure";
    if (cookie.max_age.count() != 0) {
        text += fmt::format("; Max-Age={}", cookie.max_age.count());
    }
    exchange.own_fields.emplace_back("Set-Cookie", std::move(text));
}

} // namespace gatehouse::gateway
