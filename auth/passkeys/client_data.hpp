#pragma once

#include "auth/passkeys/ceremony.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::auth::passkeys {

/// The challenge that it says it answers; nothing: it says none.
[[nodiscard]] std::optional<std::string> challenge_in(std::string_view json);

/// Judges what the browser says of the page that asked: `type` ("webauthn.create" or
/// "webauthn.get"), challenge, origin. A page inside a frame of another origin is refused. WebAuthn
/// 3, 5.8.1 Errors: malformed, wrong_type, wrong_challenge, wrong_origin.
[[nodiscard]] Result<void, CeremonyError>
judge_client_data(std::string_view json, std::string_view type, const Expected& expected);

} // namespace gatehouse::auth::passkeys
