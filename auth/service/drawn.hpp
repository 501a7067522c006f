#pragma once

#include "auth/service/requests.hpp"
#include "config/settings/shape.hpp"

#include <string>

namespace gatehouse::auth {

/// What a shape is filled in with.
struct Filling {
    const Profile* user = nullptr;
    const Grant* grant = nullptr; // its tokens; null: the shape shows none
    bool numeric_roles = false;   // roles made of digits are numbers
};

/// The shape as JSON. An absent name is null, `$role` is the first role or null, and a refresh
/// token that travels in a cookie is left out.
[[nodiscard]] std::string draw(const config::Shape& shape, const Filling& filling);

} // namespace gatehouse::auth
