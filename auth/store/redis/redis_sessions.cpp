#include "auth/store/redis/redis_sessions.hpp"

#include "auth/basics/id.hpp"
#include "auth/store/string_list.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

namespace gatehouse::auth::redis {

namespace {

using Kind = Reply::Kind;
using Again = Pool::Again;
using Fields = std::map<std::string_view, std::string_view>;

[[nodiscard]] std::string key(const char* kind, std::string_view id)
{
    return std::string(key_prefix).append(kind).append(":").append(id);
}

[[nodiscard]] std::string text(auto time)
{
    return std::to_string(time.time_since_epoch().count());
}

template <class Number>
[[nodiscard]] std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

/// "GEN:MS GEN:MS "
[[nodiscard]] std::optional<std::vector<SupersededGeneration>>
superseded_from(std::string_view text)
{
    std::vector<SupersededGeneration> all;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const auto blank = text.find(' ');
        if (colon == text.npos || blank == text.npos || colon > blank) return std::nullopt;
        const auto generation = number<Generation>(text.substr(0, colon));
        const auto at = number<std::int64_t>(text.substr(colon + 1, blank - colon - 1));
        if (!generation || !at) return std::nullopt;
        all.push_back({*generation, Millis{std::chrono::milliseconds{*at}}});
        text.remove_prefix(blank + 1);
    }
    return all;
}

[[nodiscard]] Fields fields_of(const Reply& list)
{
    Fields fields;
    for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) {
        fields.emplace(list.items[i].text, list.items[i + 1].text);
    }
    return fields;
}

/// What we wrote; nothing for anything else.
[[nodiscard]] std::optional<Session> session_from(const Reply& list)
{
    const auto fields = fields_of(list);
    bool good = true;
    const auto of = [&](std::string_view name) {
        const auto found = fields.find(name);
        good = good && found != fields.end();
        return found == fields.end() ? std::string_view() : found->second;
    };
    const auto integer = [&](std::string_view name) {
        const auto value = number<std::int64_t>(of(name));
        good = good && value;
        return value.value_or(0);
    };
    const auto seconds = [&](std::string_view name) {
        return Seconds{std::chrono::seconds{integer(name)}};
    };
    const auto millis = [&](std::string_view name) {
        return Millis{std::chrono::milliseconds{integer(name)}};
    };

    Session session;
    session.id = of("id");
    session.user_id = of("user");
    session.generation = static_cast<Generation>(integer("gen"));
    session.issued_at = seconds("iat");
    session.expires_at = seconds("exp");
    session.login_at = seconds("login");
    session.delivery = static_cast<SessionDelivery>(integer("delivery"));
    session.address = of("address");
    session.user_agent = of("agent");
    // The version before wrote neither, and knew no way in but by password.
    session.amr = {amr_password};
    if (fields.contains("amr")) session.amr = split_list(of("amr"));
    if (fields.contains("unseen")) session.unseen = static_cast<Generation>(integer("unseen"));
    const auto superseded = superseded_from(of("superseded"));
    if (superseded) session.superseded = *superseded;
    // When an epoch ended is not known: not before the session was last used.
    if (fields.contains("stale")) session.ended_at = millis("used");
    if (fields.contains("ended")) session.ended_at = millis("ended");
    return good && superseded ? std::optional(std::move(session)) : std::nullopt;
}

[[nodiscard]] Result<std::vector<std::string>, StoreError> ids_from(const Reply& list)
{
    if (!list.is(Kind::list)) return StoreError::unavailable;
    std::vector<std::string> ids;
    for (const auto& item : list.items) ids.push_back(item.text);
    return ids;
}

void step(SessionHome::Walk& walk, const Reply& place)
{
    walk.place = place.text;
    walk.over = place.text == "0";
}

} // namespace

std::string RedisSessions::forget_at(Millis over) const
{
    return text(over + kept_);
}

Result<std::vector<std::string>, StoreError>
RedisSessions::create(const Session& session, const SessionStore::Room& room, Millis now)
{
    const auto made = scripts_.create.run(
        pool_,
        {key("session", session.id), key("epoch", session.user_id),
         key("sessions", session.user_id)},
        {key_prefix, session.id, text(now), forget_at(now), forget_at(session.expires_at),
         Id128::random().to_string(), std::to_string(room.max_per_user),
         room.evict_oldest ? "1" : "0", session.user_id, std::to_string(session.generation),
         text(session.issued_at), text(session.expires_at), text(session.login_at),
         std::to_string(static_cast<int>(session.delivery)), session.address, session.user_agent,
         join_list(session.amr), std::to_string(session.unseen)},
        Again::never);
    if (!made) return StoreError::unavailable;
    auto answer = ids_from(*made);
    if (!answer || answer->empty()) return StoreError::unavailable;
    if (answer->front() == "full") return StoreError::too_many_sessions;
    if (answer->front() != "made") return StoreError::unavailable;
    answer->erase(answer->begin());
    return answer;
}

Result<std::optional<Session>, StoreError> RedisSessions::find(std::string_view session_id)
{
    const auto found =
        scripts_.find.run(pool_, {key("session", session_id)}, {key_prefix}, Again::harmless);
    if (!found) return StoreError::unavailable;
    if (found->items.empty()) return std::optional<Session>();
    auto session = session_from(*found);
    if (!session) return StoreError::unavailable;
    return session;
}

Result<std::vector<Session>, StoreError> RedisSessions::list(std::string_view user_id, Seconds now)
{
    const auto found = scripts_.list.run(pool_, {key("sessions", user_id), key("epoch", user_id)},
                                         {key_prefix}, Again::harmless);
    if (!found) return StoreError::unavailable;
    std::vector<Session> live;
    for (const auto& item : found->items) {
        auto session = session_from(item);
        if (!session) return StoreError::unavailable;
        if (now < session->expires_at) live.push_back(std::move(*session));
    }
    std::ranges::sort(live, std::greater{}, [](const auto& session) {
        return std::pair(session.login_at, std::string_view(session.id));
    });
    return live;
}

Result<bool, StoreError> RedisSessions::rotate(std::string_view session_id, Generation from,
                                               const RotationTerms& terms, Millis now)
{
    const auto rotated = scripts_.rotate.run(
        pool_, {key("session", session_id)},
        {key_prefix, std::string(session_id), text(now), forget_at(terms.expires_at),
         std::to_string(from), std::to_string(std::uint64_t{from} + 1), text(terms.issued_at),
         text(terms.expires_at), std::string(terms.address), std::string(terms.user_agent),
         std::to_string(terms.watched ? std::uint64_t{from} + 1 : 0), std::to_string(terms.kept)},
        Again::never);
    if (!rotated) return StoreError::unavailable;
    return rotated->integer == 1;
}

Result<void, StoreError> RedisSessions::mark_seen(std::span<const SeenGeneration> seen)
{
    std::vector<std::string> arguments{key_prefix};
    for (const auto& [session_id, generation] : seen) {
        arguments.push_back(session_id);
        arguments.push_back(std::to_string(generation));
    }
    const auto marked = scripts_.mark_seen.run(pool_, {}, std::move(arguments), Again::harmless);
    if (!marked) return StoreError::unavailable;
    return {};
}

Result<bool, StoreError> RedisSessions::replace_amr(std::string_view session_id,
                                                    std::span<const std::string> expected,
                                                    std::span<const std::string> amr, Millis now)
{
    const auto replaced = scripts_.replace_amr.run(
        pool_, {key("session", session_id)},
        {key_prefix, text(now), join_list(expected), join_list(amr)}, Again::never);
    if (!replaced) return StoreError::unavailable;
    return replaced->integer == 1;
}

Result<bool, StoreError> RedisSessions::end(std::string_view session_id, Millis now)
{
    const auto ended = scripts_.end.run(
        pool_, {key("session", session_id)},
        {key_prefix, std::string(session_id), text(now), forget_at(now)}, Again::never);
    if (!ended) return StoreError::unavailable;
    return ended->integer == 1;
}

Result<std::vector<std::string>, StoreError>
RedisSessions::end_all(std::string_view user_id, std::string_view keep_session, Millis now)
{
    const auto ended =
        scripts_.end_all.run(pool_, {key("sessions", user_id), key("epoch", user_id)},
                             {key_prefix, text(now), forget_at(now), std::string(keep_session),
                              Id128::random().to_string()},
                             Again::never);
    if (!ended) return StoreError::unavailable;
    return ids_from(*ended);
}

SessionHome::Ids RedisSessions::end_next(Walk& walk, Millis now)
{
    const auto met = scripts_.end_next.run(
        pool_, {}, {key_prefix, walk.place, text(now), forget_at(now)}, Again::harmless);
    if (!met || met->items.size() != 2) return StoreError::unavailable;
    step(walk, met->items[0]);
    return ids_from(met->items[1]);
}

Result<std::uint64_t, StoreError> RedisSessions::count_next(Walk& walk, Millis now)
{
    const auto met =
        scripts_.count_next.run(pool_, {}, {key_prefix, walk.place, text(now)}, Again::harmless);
    if (!met || met->items.size() != 2) return StoreError::unavailable;
    step(walk, met->items[0]);
    return static_cast<std::uint64_t>(met->items[1].integer);
}

} // namespace gatehouse::auth::redis
