#include "auth/store/store_error.hpp"

namespace gatehouse::auth {

std::string_view to_string(StoreError error) noexcept
{
    switch (error) {
    case StoreError::unavailable:
        return "unavailable";
    case StoreError::name_taken:
        return "name_taken";
    case StoreError::invite_invalid:
        return "invite_invalid";
    case StoreError::not_found:
        return "not_found";
    case StoreError::blocked:
        return "blocked";
    case StoreError::too_many_sessions:
        return "too_many_sessions";
    case StoreError::too_many_passkeys:
        return "too_many_passkeys";
    case StoreError::password_changed:
        return "password_changed";
    case StoreError::already_used:
        return "already_used";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, StoreError error)
{
    return out << to_string(error);
}

} // namespace gatehouse::auth
