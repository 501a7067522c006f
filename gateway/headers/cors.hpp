#pragma once

#include "config/settings/traffic.hpp"
#include "gateway/headers/head_writer.hpp"
#include "gateway/headers/only_value.hpp"
#include "gateway/http/head.hpp"

#include <span>
#include <string_view>

namespace gatehouse::gateway {

/// OPTIONS with one Origin and one Access-Control-Request-Method: what a browser really sends
/// before it lets a page make its call. Anything else is an ordinary request.
[[nodiscard]] bool is_preflight(std::string_view method, std::span<const Field> fields) noexcept;

/// Whether pages of `origin` may read answers.
[[nodiscard]] bool allows_origin(const config::CorsSettings& cors,
                                 std::string_view origin) noexcept;

/// A whole 204 answer to a preflight. A stranger's origin gets one without permissions. `methods`
/// are the route's own, used when `cors.methods` is empty.  Fetch standard, "CORS protocol"
void write_preflight(HeadWriter& out, const config::CorsSettings& cors,
                     std::span<const std::string> methods, std::span<const Field> fields,
                     std::string_view date, bool keep_alive) noexcept;

/// The fields an actual answer carries, our refusals too: Access-Control-Allow-Origin and friends
/// for a permitted origin, and `Vary: Origin` always (unless any origin gets `*`).
void write_cors_fields(HeadWriter& out, const config::CorsSettings& cors,
                       std::string_view origin) noexcept;

} // namespace gatehouse::gateway
