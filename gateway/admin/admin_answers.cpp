#include "gateway/admin/admin_answers.hpp"

#include "gateway/api/api_answers.hpp"

#include <fmt/chrono.h>

namespace gatehouse::gateway {
namespace {

using auth::json::Writer;

template <class Time>
void write_time(Writer& json, std::string_view name, const std::optional<Time>& time)
{
    json.name(name);
    time ? json.string(time_text(*time)) : json.null();
}

void write_next(Writer& json, std::string_view next)
{
    json.name("next");
    next.empty() ? json.null() : json.string(next);
}

void write_user(Writer& json, const auth::User& user)
{
    json.begin_object();
    json.member("id", user.id);
    write_text_or_null(json, "username", user.username);
    write_text_or_null(json, "email", user.email);
    write_texts(json, "roles", user.roles);
    json.name("blocked");
    json.boolean(user.blocked);
    json.member("created", time_text(user.created));
    json.end_object();
}

void write_keys(Writer& json, std::string_view use, std::span<const auth::RingKey> keys)
{
    for (const auto& key : keys) {
        json.begin_object();
        json.member("use", use);
        json.member("kid", key.key->kid());
        json.member("state", to_string(key.state));
        json.member("algorithm", auth::jose::to_string(key.key->algorithm()));
        json.member("created", time_text(key.created));
        write_time(json, "verifiesUntil", key.verify_until);
        json.end_object();
    }
}

/// An object with one list and where the next page begins.
template <class Things, class Write>
LocalResponse page_of(std::string_view name, const Things& things, std::string_view next,
                      Write write)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.name(name);
    json.begin_array();
    for (const auto& thing : things) write(json, thing);
    json.end_array();
    write_next(json, next);
    json.end_object();
    return json_answer(200, std::move(body));
}

} // namespace

std::string time_text(auth::Seconds time)
{
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(time.time_since_epoch().count()));
}

std::string time_text(auth::Millis time)
{
    return time_text(std::chrono::floor<std::chrono::seconds>(time));
}

void write_text_or_null(Writer& json, std::string_view name,
                        const std::optional<std::string>& value)
{
    json.name(name);
    value ? json.string(*value) : json.null();
}

void write_texts(Writer& json, std::string_view name, std::span<const std::string> values)
{
    json.name(name);
    json.begin_array();
    for (const auto& value : values) json.string(value);
    json.end_array();
}

LocalResponse user_answer(const auth::User& user)
{
    std::string body;
    Writer json(body);
    write_user(json, user);
    return json_answer(200, std::move(body));
}

LocalResponse users_answer(std::span<const auth::User> users, std::string_view next)
{
    return page_of("users", users, next, write_user);
}

LocalResponse admin_sessions_answer(std::span<const auth::Session> sessions, bool complete)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.name("sessions");
    json.begin_array();
    for (const auto& session : sessions) {
        json.begin_object();
        json.member("id", session.id);
        json.member("created", time_text(session.login_at));
        json.member("lastUsed", time_text(session.issued_at));
        json.member("expires", time_text(session.expires_at));
        json.member("address", session.address);
        json.member("userAgent", session.user_agent);
        json.end_object();
    }
    json.end_array();
    json.name("complete");
    json.boolean(complete);
    json.end_object();
    return json_answer(200, std::move(body));
}

LocalResponse admin_api_keys_answer(std::span<const auth::ApiKey> keys, std::string_view next)
{
    return page_of("apiKeys", keys, next, [](Writer& json, const auth::ApiKey& key) {
        json.begin_object();
        json.member("id", key.id);
        json.member("user", key.user_id);
        json.member("name", key.name);
        write_texts(json, "scopes", key.scopes);
        json.member("created", time_text(key.created));
        write_time(json, "expires", key.expires_at);
        write_time(json, "lastUsed", key.used_at);
        write_time(json, "revoked", key.revoked_at);
        json.end_object();
    });
}

LocalResponse records_answer(std::span<const auth::AuditRecord> records, std::string_view next)
{
    return page_of("records", records, next, [](Writer& json, const auth::AuditRecord& record) {
        json.begin_object();
        json.member("at", time_text(record.at));
        json.member("event", record.event);
        json.member("outcome", record.outcome);
        json.member("user", record.user_id);
        json.member("session", record.session_id);
        json.member("address", record.address);
        json.member("requestId", record.request_id);
        json.member("detail", record.detail);
        json.end_object();
    });
}

LocalResponse keys_answer(const auth::KeyRing& ring, std::optional<auth::Seconds> pending)
{
    std::string body;
    Writer json(body);
    json.begin_object();
    json.name("keys");
    json.begin_array();
    write_keys(json, "access", ring.access_keys());
    write_keys(json, "refresh", ring.refresh_keys());
    json.end_array();
    write_time(json, "rotationDue", pending);
    json.end_object();
    return json_answer(200, std::move(body));
}

} // namespace gatehouse::gateway
