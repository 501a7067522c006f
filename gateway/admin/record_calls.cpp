// Calls about signing keys and about the audit.
#include "gateway/admin/admin_answers.hpp"
#include "gateway/admin/admin_call.hpp"
#include "gateway/command/moment.hpp"
#include "gateway/net/offload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::gateway {
namespace {

/// `before` of the audit: the place of the last record of the page before, "1764000000123.7".
std::optional<auth::AuditTrail::AuditPlace> place_of(const std::string& text)
{
    if (text.empty()) return auth::AuditTrail::AuditPlace{};
    std::int64_t at = 0;
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, at);
    if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
    const auto [rest, bad] = std::from_chars(dot + 1, end, number);
    if (bad != std::errc() || rest != end) return std::nullopt;
    return auth::AuditTrail::AuditPlace{auth::Millis(std::chrono::milliseconds(at)), number};
}

} // namespace

Task<LocalResponse> AdminApi::list_keys(const Asked&)
{
    auto job = [&] { return rooms_.keys.rotation_pending(); };
    auto pending = offload(rooms_.store_pool, job);
    const auto due = co_await std::move(pending);
    co_return keys_answer(*rooms_.keys.ring(), due);
}

Task<LocalResponse> AdminApi::rotate_keys(const Asked& asked)
{
    bool heard = true;
    auto job = [&] {
        auto rotated = rooms_.keys.rotate();
        if (rotated && !rooms_.keys.announces()) {
            heard = rooms_.store.announce_keys(rooms_.clock.now()).has_value();
        }
        return rotated;
    };
    auto pending = offload(rooms_.store_pool, job);
    const auto rotated = co_await std::move(pending);
    if (!rotated) {
        co_return refused(told(rotated.error().try_again ? RefusalCode::store_unavailable
                                                         : RefusalCode::not_configured,
                               rotated.error().message));
    }
    process_.hand_out_keys();
    auto event = event_of_house(auth::SecurityEventKind::key_rotate, "ok", rooms_.clock.now(),
                                rotated->later ? "asked for (admin API)" : "admin API");
    event.address = asked.request.peer_address;
    event.request_id = asked.request.request_id;
    rooms_.log.record(event);
    if (!heard) co_return refused(Refusal(RefusalCode::store_unavailable));
    co_return keys_answer(*rooms_.keys.ring(), rotated->later);
}

Task<LocalResponse> AdminApi::audit(const Asked& asked)
{
    const auto limit = page_size(asked.query);
    if (!limit) co_return bad_limit();
    auth::AuditTrail::AuditFilter filter;
    filter.event = parameter(asked.query, "event");
    const auto now = rooms_.clock.now();
    for (const auto* name : {"since", "until"}) {
        const auto text = parameter(asked.query, name);
        if (!text.empty() && !parse_moment(text, now)) {
            co_return bad_field(name, "has to be 24h, 2026-11-21 or 2026-11-21T14:30:00Z");
        }
    }
    const auto since = parameter(asked.query, "since");
    if (!since.empty()) filter.since = *parse_moment(since, now);
    auto place = place_of(parameter(asked.query, "before"));
    if (!place) co_return bad_field("before", "has to be the `next` of the page before");
    const auto until = parameter(asked.query, "until");
    if (!until.empty()) place->at = std::min(place->at, *parse_moment(until, now));

    auto service = service_for(asked.request);
    const auto who = parameter(asked.query, "user");
    using Records = Result<std::vector<auth::AuditRecord>, auth::AuthError>;
    auto job = [&]() -> Records {
        if (!who.empty()) {
            const auto known = service.audited_id(who);
            const bool nobody = !known && known.error().kind == auth::AuthError::Kind::not_found;
            if (!known && !nobody) return known.error();
            filter.user_id = known ? *known : who;
        }
        auto records = rooms_.store.read_audit(filter, *place, *limit);
        if (!records) return to_auth_error(records.error());
        return *std::move(records);
    };
    auto pending = on_store(job);
    const auto records = co_await std::move(pending);
    if (!records) co_return refused(records.error());
    std::string next;
    if (records->size() == *limit) {
        const auto& last = records->back();
        next = fmt::format("{}.{}", last.at.time_since_epoch().count(), last.number);
    }
    co_return records_answer(*records, next);
}

} // namespace gatehouse::gateway
