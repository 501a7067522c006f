#pragma once

#include "gateway/admin/admin_api.hpp"
#include "gateway/observe/store_lines.hpp"
#include "gateway/runtime/auth_rooms.hpp"

#include <memory>
#include <string>

namespace gatehouse::gateway {

/// The admin API over these rooms, which outlive it. Where the credential cannot be kept in its
/// usual place nobody is let in, and `log` says so.
/// Error: a sentence for the operator about the file that the settings name.
[[nodiscard]] Result<std::shared_ptr<AdminApi>, std::string>
make_admin_api(AuthRooms& rooms, AdminApi::Process process, const config::Settings& settings,
               StoreLines& log);

} // namespace gatehouse::gateway
