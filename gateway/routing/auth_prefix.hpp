#pragma once

#include "config/settings/identity.hpp"

#include <string_view>

namespace gatehouse::gateway {

/// Whether a judged path is the prefix or lies below it: the auth API's own.
[[nodiscard]] bool is_under(std::string_view path, std::string_view prefix) noexcept;

/// Whether somebody could take a judged path for one under the prefix: other case, escapes,
/// parameters. Credentials posted there by mistake must not reach a backend.  R26
[[nodiscard]] bool resembles(std::string_view path, std::string_view prefix) noexcept;

/// Whether a path, judged or not, is that of a request about which Envoy asks, behind the path of
/// `/auth/verify`. Such a path is not judged as ours: the dots in it are the original's.
[[nodiscard]] bool is_verdict_path(std::string_view path, std::string_view prefix) noexcept;

/// Whether the auth API answers a judged path: it lies under the prefix, or its contract has a call
/// there.
[[nodiscard]] bool is_auth_path(std::string_view path,
                                const config::AuthApiSettings& auth) noexcept;

/// Whether somebody could take a judged path for one of those.  R26
[[nodiscard]] bool resembles_auth_path(std::string_view path,
                                       const config::AuthApiSettings& auth) noexcept;

} // namespace gatehouse::gateway
