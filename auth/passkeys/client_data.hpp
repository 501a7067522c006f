#pragma once

#include "auth/passkeys/ceremony.hpp"

#include <string_view>

namespace gatehouse::auth::passkeys {

/// Judges what the browser says of the page that asked: `type` ("webauthn.create" or
/// "webauthn.get"), challenge, origin. A page inside a frame of another origin is refused. WebAuthn
/// 3, 5.8.1 Errors: malformed, wrong_type, wrong_challenge, wrong_origin.
[[nodiscard]] Result<void, CeremonyError>
judge_client_data(std::string_view json, std::string_view type, const Expected& expected);

} // namespace gatehouse::auth::passkeys
