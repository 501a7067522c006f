#include "auth/passkeys/client_data.hpp"

#include "auth/jose/base64url.hpp"
#include "auth/json/reader.hpp"
#include "config/basics/enforced.hpp"

#include <algorithm>

namespace gatehouse::auth::passkeys {

std::optional<std::string> challenge_in(std::string_view json)
{
    const auto data = json::read(json);
    const auto* challenge = data ? data->find_string("challenge") : nullptr;
    return challenge == nullptr ? std::nullopt : jose::decode_base64url(*challenge);
}

Result<void, CeremonyError> judge_client_data(std::string_view json, std::string_view type,
                                              const Expected& expected)
{
    const auto data = json::read(json);
    if (!data || data->object() == nullptr) return CeremonyError::malformed;
    const auto* said_type = data->find_string("type");
    const auto* challenge = data->find_string("challenge");
    const auto* origin = data->find_string("origin");
    if (said_type == nullptr || challenge == nullptr || origin == nullptr) {
        return CeremonyError::malformed;
    }
    if (enforced("passkeys.type") && *said_type != type) return CeremonyError::wrong_type;
    // Public, and good once: nothing is learnt from how long the comparison takes.
    if (enforced("passkeys.challenge") &&
        *challenge != jose::encode_base64url(expected.challenge)) {
        return CeremonyError::wrong_challenge;
    }
    if (enforced("passkeys.origin") &&
        std::ranges::find(expected.origins, *origin) == expected.origins.end()) {
        return CeremonyError::wrong_origin;
    }
    const auto* across = data->find("crossOrigin");
    const bool framed =
        (across != nullptr && across->boolean() != false) || data->find("topOrigin") != nullptr;
    if (enforced("passkeys.frame") && framed) return CeremonyError::wrong_origin;
    return {};
}

} // namespace gatehouse::auth::passkeys
