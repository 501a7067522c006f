#pragma once

#include <string_view>

namespace gatehouse::gateway {

/// docs/openapi/auth.json and admin.json: what the two APIs promise, for machines (OpenAPI 3.1).
extern const std::string_view auth_openapi;
extern const std::string_view admin_openapi;

} // namespace gatehouse::gateway
