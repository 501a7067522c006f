#pragma once

#include "auth/accounts/user.hpp"
#include "auth/apikeys/api_key.hpp"
#include "auth/audit/audit_record.hpp"
#include "auth/json/writer.hpp"
#include "auth/sessions/session.hpp"
#include "auth/tokens/key_ring.hpp"
#include "gateway/api/api_answers.hpp"
#include "gateway/pipeline/local_endpoint.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// The JSON of the admin API.
namespace gatehouse::gateway {

/// RFC 3339, in UTC.
[[nodiscard]] std::string time_text(auth::Seconds time);
[[nodiscard]] std::string time_text(auth::Millis time);

void write_text_or_null(auth::json::Writer& json, std::string_view name,
                        const std::optional<std::string>& value);
void write_texts(auth::json::Writer& json, std::string_view name,
                 std::span<const std::string> values);

/// As the writer takes it. Nothing that is counted here comes near the end.
[[nodiscard]] constexpr std::int64_t number(std::uint64_t value) noexcept
{
    return static_cast<std::int64_t>(value);
}

/// 200 with the object whose members `write` writes.
template <class Write>
[[nodiscard]] LocalResponse object_answer(Write write)
{
    std::string body;
    auth::json::Writer json(body);
    json.begin_object();
    write(json);
    json.end_object();
    return json_answer(200, std::move(body));
}

[[nodiscard]] LocalResponse user_answer(const auth::User& user);
/// `next`: what `after` has to be for the page behind this one; "": there is none.
[[nodiscard]] LocalResponse users_answer(std::span<const auth::User> users, std::string_view next);
[[nodiscard]] LocalResponse admin_sessions_answer(std::span<const auth::Session> sessions,
                                                  bool complete);
[[nodiscard]] LocalResponse admin_api_keys_answer(std::span<const auth::ApiKey> keys,
                                                  std::string_view next);
[[nodiscard]] LocalResponse records_answer(std::span<const auth::AuditRecord> records,
                                           std::string_view next);
[[nodiscard]] LocalResponse keys_answer(const auth::KeyRing& ring,
                                        std::optional<auth::Seconds> pending);

} // namespace gatehouse::gateway
