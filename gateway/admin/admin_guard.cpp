#include "gateway/admin/admin_guard.hpp"

#include "config/basics/enforced.hpp"
#include "config/forms/address.hpp"
#include "gateway/http/field_syntax.hpp"
#include "gateway/net/address.hpp"
#include "gateway/pipeline/bearer.hpp"
#include "gateway/routing/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// Pages send at least one of these, and no tool of an operator does.
bool is_page(std::span<const Field> fields)
{
    return std::ranges::any_of(fields, [](const Field& field) {
        if (equal_ignoring_case(field.name, "Origin")) return true;
        return equal_ignoring_case(field.name, "Sec-Fetch-Site") && field.value != "none";
    });
}

bool is_ip_address(std::string_view name)
{
    const bool bracketed = name.starts_with('[') && name.ends_with(']');
    if (bracketed) name = name.substr(1, name.size() - 2);
    return SocketAddress::parse(std::string(name), 0).has_value();
}

std::vector<config::HostPattern> hosts_of(const config::Settings& settings)
{
    std::vector<config::HostPattern> hosts{
        {config::HostPattern::Kind::exact, "localhost"}
    };
    for (const auto& text : settings.admin_api.hosts) {
        if (auto host = config::parse_host_pattern(text)) hosts.push_back(*std::move(host));
    }
    return hosts;
}

} // namespace

AdminGuard::AdminGuard(auth::AdminCredential credential, const config::Settings& settings,
                       Rooms rooms)
    : credential_(std::move(credential)),
      hosts_(hosts_of(settings)),
      limit_(settings.admin_api.refusals_per_minute, settings.admin_api.refusals_per_minute),
      own_user_(::geteuid()),
      rooms_(rooms)
{
}

std::optional<Refusal> AdminGuard::stop(const LocalRequest& request)
{
    auto refusal = judged(request);
    if (!refusal) return std::nullopt;
    auth::SecurityEvent event;
    event.kind = auth::SecurityEventKind::admin_refused;
    event.outcome = to_string(refusal->code);
    event.address = request.peer_address;
    event.request_id = request.request_id;
    event.at = rooms_.clock.now();
    rooms_.log.record(event);
    return refusal;
}

std::optional<Refusal> AdminGuard::judged(const LocalRequest& request)
{
    // No name of the network leads to a unix socket.
    const bool by_name = !request.unix_user;
    if (by_name && enforced("admin.host") && !is_own_host(request.host)) {
        return told(RefusalCode::forbidden,
                    "Host has to be localhost, an IP address or one of admin_api.hosts",
                    "not a host of the admin API");
    }
    if (enforced("admin.no_page") && is_page(request.fields)) {
        return Refusal(RefusalCode::origin_forbidden, "a page of a browser");
    }
    if (request.unix_user) return judged_by_user(request);
    const auto token = bearer_token(request.fields);
    if (token && credential_.is(*token)) return std::nullopt;
    if (auto refusal = throttled(request.peer_address)) return refusal;
    const bool missing = !token && token.error() == auth::TokenError::missing;
    if (missing) return Refusal(RefusalCode::token_missing);
    return told(RefusalCode::token_invalid, "This is not the admin token of this gateway");
}

/// The mode of the socket keeps others away before this; that one can be changed by mistake.
std::optional<Refusal> AdminGuard::judged_by_user(const LocalRequest& request)
{
    const auto user = *request.unix_user;
    if (!enforced("admin.unix_user") || user == 0 || user == own_user_) return std::nullopt;
    if (auto refusal = throttled(request.peer_address)) return refusal;
    return told(RefusalCode::forbidden,
                "This socket is for root and the user that the gateway runs as",
                "another user of this machine");
}

bool AdminGuard::is_own_host(std::string_view host) const
{
    std::string name(host_name(host));
    std::ranges::transform(name, name.begin(), lower);
    return is_ip_address(name) || std::ranges::any_of(hosts_, [&name](const auto& own) {
               return config::matches(own, name);
           });
}

std::optional<Refusal> AdminGuard::throttled(std::string_view address)
{
    const auto key = std::hash<std::string_view>{}(address);
    const auto now = rooms_.clock.now();
    const std::scoped_lock lock(mutex_);
    auto& state = refused_.at(key, now, limit_);
    const auto wait = limit_.wait(state, now);
    if (!enforced("admin.throttle") || wait.count() == 0) {
        limit_.take(state, now);
        return std::nullopt;
    }
    Refusal refusal(RefusalCode::too_many_attempts);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
    refusal.retry_after = static_cast<std::uint32_t>(seconds.count());
    return refusal;
}

} // namespace gatehouse::gateway
