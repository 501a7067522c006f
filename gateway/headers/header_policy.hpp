#pragma once

#include "config/settings/settings.hpp"

#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// The names this gateway answers for, taken from the settings once.
struct HeaderPolicy {
    explicit HeaderPolicy(const config::Settings& settings);

    std::string identity_header; // as it is written to backends
    std::string identity_folded; // as it is compared
    bool session_header = false;
    bool roles_header = false;
    std::string cookie_name; // the cookie that carries our refresh token
};

/// `name` after lower-casing, every character that is no letter or digit turned into `-`, equals
/// `folded`: the way CGI- and WSGI-like backends confuse names.  R20
[[nodiscard]] bool folds_to(std::string_view name, std::string_view folded) noexcept;

/// A name that tells backends who the user is; a client's field of that name is never forwarded.
[[nodiscard]] bool is_identity_name(std::string_view name, const HeaderPolicy& policy) noexcept;

} // namespace gatehouse::gateway
